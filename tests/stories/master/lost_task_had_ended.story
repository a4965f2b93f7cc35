# A framework that does not know of partitions was told that its task is LOST. The task had ended: when
# its agent is back, which takes two attempts, the framework hears of that end, and never that it ran.

> agent a1 cpus:4
  ! agent_registered agent=c-A1 hostname=a1 resources=cpus:4
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
> framework f1 failover=1h
  ! framework_subscribed framework=c-F1 name=f1
  f1 <- Subscribed framework_id=c-F1 master=(master)
  f1 <- Offers offers=[{id=1 agent_id=c-A1 hostname=a1 role=* resources=cpus:4}]
> launch f1 1 t1=cpus:1 refuse=1h
  a1 <- RunTasks framework={id=c-F1 name=f1 roles=[*] failover_timeout=1hrs} role=* tasks=[{id=t1 agent_id=c-A1 resources=cpus:1 name=t1}]
> lose a1
  ! agent_disconnected agent=c-A1 reason="its connection was lost"
> pass 10min
  ! agent_lost agent=c-A1 hostname=a1 reason="did not come back within 10mins" tasks=1
  f1 <- Updates updates=[{task_id=t1 state=lost agent_id=c-A1 message="agent c-A1 is lost: did not come back within 10mins" source=master reason=agent_removed timestamp=+10mins}]
  f1 <- AgentLost agent_id=c-A1 reason="did not come back within 10mins"
> back a1 t1=finished
  ! agent_reregistered agent=c-A1 hostname=a1 tasks=1
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
  f1 <- Offers offers=[{id=2 agent_id=c-A1 hostname=a1 role=* resources=cpus:4}]
> lose a1
  ! agent_disconnected agent=c-A1 reason="its connection was lost"
  f1 <- RescindOffers offers=[2] reason="agent c-A1 is disconnected"
> back a1 t1=finished
  ! agent_reregistered agent=c-A1 hostname=a1 tasks=1
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
  f1 <- Offers offers=[{id=3 agent_id=c-A1 hostname=a1 role=* resources=cpus:4}]
> update a1 f1 t1 running latest=finished
  a1 <- AcknowledgeUpdates updates=[{framework_id=c-F1 task_id=t1 update_id=1}]
> reconcile f1 t1
  f1 <- Updates updates=[{task_id=t1 state=finished agent_id=c-A1 message="the last known state" source=master reason=reconciliation timestamp=+10mins}]
> update a1 f1 t1 finished
  f1 <- Updates updates=[{task_id=t1 state=finished agent_id=c-A1 source=agent update_id=2}]
> ack f1 a1 t1 2
  a1 <- AcknowledgeUpdates updates=[{framework_id=c-F1 task_id=t1 update_id=2}]
> state
  a1 active used= offered=cpus:4
