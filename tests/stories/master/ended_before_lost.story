# The master knows that a task has ended, by the newer state that comes with an older update; then its
# agent is lost, and the framework is told of the end. When the agent is back, the older update is not
# for the framework any more: to it, the task is over.

> agent a1 cpus:4
  ! agent_registered agent=c-A1 hostname=a1 resources=cpus:4
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
> framework f1 failover=1h partition_aware
  ! framework_subscribed framework=c-F1 name=f1
  f1 <- Subscribed framework_id=c-F1 master=(master)
  f1 <- Offers offers=[{id=1 agent_id=c-A1 hostname=a1 role=* resources=cpus:4}]
> launch f1 1 t1=cpus:1 t2=cpus:1 refuse=1h
  a1 <- RunTasks framework={id=c-F1 name=f1 roles=[*] capabilities=[partition_aware] failover_timeout=1hrs} role=* tasks=[{id=t1 agent_id=c-A1 resources=cpus:1 name=t1} {id=t2 agent_id=c-A1 resources=cpus:1 name=t2}]
> update a1 f1 t1 running latest=finished
  f1 <- Updates updates=[{task_id=t1 state=running agent_id=c-A1 source=agent update_id=1}]
  f1 <- Offers offers=[{id=2 agent_id=c-A1 hostname=a1 role=* resources=cpus:3}]
> update a1 f1 t2 running
  f1 <- Updates updates=[{task_id=t2 state=running agent_id=c-A1 source=agent update_id=2}]
> lose a1
  ! agent_disconnected agent=c-A1 reason="its connection was lost"
  f1 <- RescindOffers offers=[2] reason="agent c-A1 is disconnected"
> pass 10min
  ! agent_lost agent=c-A1 hostname=a1 reason="did not come back within 10mins" tasks=2
  f1 <- Updates updates=[{task_id=t1 state=finished agent_id=c-A1 message="agent c-A1 is lost: did not come back within 10mins" source=master reason=reconciliation timestamp=+10mins} {task_id=t2 state=unreachable agent_id=c-A1 message="agent c-A1 is lost: did not come back within 10mins" source=master reason=agent_removed timestamp=+10mins}]
  f1 <- AgentLost agent_id=c-A1 reason="did not come back within 10mins"
> back a1 t1=finished t2
  ! agent_reregistered agent=c-A1 hostname=a1 tasks=2
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
  f1 <- Updates updates=[{task_id=t2 state=running agent_id=c-A1 message="its agent is back" source=master reason=reconciliation timestamp=+10mins}]
  f1 <- Offers offers=[{id=3 agent_id=c-A1 hostname=a1 role=* resources=cpus:3}]
> update a1 f1 t1 running latest=finished
  a1 <- AcknowledgeUpdates updates=[{framework_id=c-F1 task_id=t1 update_id=3}]
> update a1 f1 t1 finished
  f1 <- Updates updates=[{task_id=t1 state=finished agent_id=c-A1 source=agent update_id=4}]
> ack f1 a1 t1 4
  a1 <- AcknowledgeUpdates updates=[{framework_id=c-F1 task_id=t1 update_id=4}]
> state
  a1 active used=cpus:1 offered=cpus:3
  task t2 of c-F1 on c-A1 running
