# An agent whose connection breaks has its offers rescinded and time to come back. When it does not, its
# tasks are lost, or unreachable for a framework that can tell the difference.

> master agent_reregister_timeout=1min
> agent a1 cpus:4
  ! agent_registered agent=c-A1 hostname=a1 resources=cpus:4
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
> framework f1 failover=1h
  ! framework_subscribed framework=c-F1 name=f1
  f1 <- Subscribed framework_id=c-F1 master=(master)
  f1 <- Offers offers=[{id=1 agent_id=c-A1 hostname=a1 role=* resources=cpus:4}]
> launch f1 1 t1=cpus:1 refuse=0s
  a1 <- RunTasks framework={id=c-F1 name=f1 roles=[*] failover_timeout=1hrs} role=* tasks=[{id=t1 agent_id=c-A1 resources=cpus:1 name=t1}]
  f1 <- Offers offers=[{id=2 agent_id=c-A1 hostname=a1 role=* resources=cpus:3}]
> framework f2 failover=1h partition_aware
  ! framework_subscribed framework=c-F2 name=f2
  f2 <- Subscribed framework_id=c-F2 master=(master)
> decline f1 2 refuse=1h
  f2 <- Offers offers=[{id=3 agent_id=c-A1 hostname=a1 role=* resources=cpus:3}]
> launch f2 3 t2=cpus:1 refuse=0s
  a1 <- RunTasks framework={id=c-F2 name=f2 roles=[*] capabilities=[partition_aware] failover_timeout=1hrs} role=* tasks=[{id=t2 agent_id=c-A1 resources=cpus:1 name=t2}]
  f2 <- Offers offers=[{id=4 agent_id=c-A1 hostname=a1 role=* resources=cpus:2}]
> lose a1
  ! agent_disconnected agent=c-A1 reason="its connection was lost"
  f2 <- RescindOffers offers=[4] reason="agent c-A1 is disconnected"
> pass 59s
> pass 1s
  ! agent_lost agent=c-A1 hostname=a1 reason="did not come back within 1mins" tasks=2
  f1 <- Updates updates=[{task_id=t1 state=lost agent_id=c-A1 message="agent c-A1 is lost: did not come back within 1mins" source=master reason=agent_removed timestamp=+1mins}]
  f1 <- AgentLost agent_id=c-A1 reason="did not come back within 1mins"
  f2 <- Updates updates=[{task_id=t2 state=unreachable agent_id=c-A1 message="agent c-A1 is lost: did not come back within 1mins" source=master reason=agent_removed timestamp=+1mins}]
  f2 <- AgentLost agent_id=c-A1 reason="did not come back within 1mins"
> reconcile f1 t1
  f1 <- Updates updates=[{task_id=t1 state=lost message="no such task" source=master reason=reconciliation timestamp=+1mins}]
> reconcile f2 t2
  f2 <- Updates updates=[{task_id=t2 state=unreachable agent_id=c-A1 message="its agent is out of reach and may come back" source=master reason=reconciliation timestamp=+1mins}]

# It comes back after all: the task that was called lost is killed, the unreachable one goes on.
> back a1 t1 t2
  ! task_orphaned framework=c-F1 task=t1 agent=c-A1
  ! agent_reregistered agent=c-A1 hostname=a1 tasks=2
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
  a1 <- KillAgentTask framework_id=c-F1 task_id=t1
  f2 <- Updates updates=[{task_id=t2 state=running agent_id=c-A1 message="its agent is back" source=master reason=reconciliation timestamp=+1mins}]
  f1 <- Offers offers=[{id=5 agent_id=c-A1 hostname=a1 role=* resources=cpus:2}]
> state
  a1 active used=cpus:2 offered=cpus:2
  task t2 of c-F2 on c-A1 running
> update a1 f1 t1 killed
  a1 <- AcknowledgeUpdates updates=[{framework_id=c-F1 task_id=t1 update_id=1}]
  f2 <- Offers offers=[{id=6 agent_id=c-A1 hostname=a1 role=* resources=cpus:1}]
> state
  a1 active used=cpus:1 offered=cpus:3
  task t2 of c-F2 on c-A1 running
