# An agent that is shut down on purpose says so: its tasks are gone, at once.

> agent a1 cpus:4
  ! agent_registered agent=c-A1 hostname=a1 resources=cpus:4
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
> framework f1 failover=1h partition_aware
  ! framework_subscribed framework=c-F1 name=f1
  f1 <- Subscribed framework_id=c-F1 master=(master)
  f1 <- Offers offers=[{id=1 agent_id=c-A1 hostname=a1 role=* resources=cpus:4}]
> launch f1 1 t1=cpus:1 refuse=0s
  a1 <- RunTasks framework={id=c-F1 name=f1 roles=[*] capabilities=[partition_aware] failover_timeout=1hrs} role=* tasks=[{id=t1 agent_id=c-A1 resources=cpus:1 name=t1}]
  f1 <- Offers offers=[{id=2 agent_id=c-A1 hostname=a1 role=* resources=cpus:3}]
> unregister a1
  ! agent_unregistered agent=c-A1 tasks=1
  a1 is cut off
  f1 <- RescindOffers offers=[2] reason="agent c-A1 is gone: it was shut down"
  f1 <- Updates updates=[{task_id=t1 state=gone agent_id=c-A1 message="agent c-A1 is gone: it was shut down" source=master reason=agent_removed timestamp=+0ns}]
  f1 <- AgentLost agent_id=c-A1 reason="it was shut down"
> reconcile f1 t1
  f1 <- Updates updates=[{task_id=t1 state=unknown message="no such task" source=master reason=reconciliation timestamp=+0ns}]
