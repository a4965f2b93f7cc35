# A framework without failover_timeout ends with its scheduler's connection: its tasks are shut down
# and everything it held is offered to others at once.

> agent a1 cpus:4
  ! agent_registered agent=c-A1 hostname=a1 resources=cpus:4
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
> framework f1
  ! framework_subscribed framework=c-F1 name=f1
  f1 <- Subscribed framework_id=c-F1 master=(master)
  f1 <- Offers offers=[{id=1 agent_id=c-A1 hostname=a1 role=* resources=cpus:4}]
> launch f1 1 t1=cpus:1 refuse=1h
  a1 <- RunTasks framework={id=c-F1 name=f1 roles=[*]} role=* tasks=[{id=t1 agent_id=c-A1 resources=cpus:1 name=t1}]
> update a1 f1 t1 running
  f1 <- Updates updates=[{task_id=t1 state=running agent_id=c-A1 source=agent update_id=1}]
> framework f2 failover=1h
  ! framework_subscribed framework=c-F2 name=f2
  f2 <- Subscribed framework_id=c-F2 master=(master)
  f2 <- Offers offers=[{id=2 agent_id=c-A1 hostname=a1 role=* resources=cpus:3}]
> lose f1
  ! framework_disconnected framework=c-F1 reason="its connection was lost"
  ! framework_removed framework=c-F1 reason="its scheduler did not come back within its failover_timeout of 0ns" tasks=1
  a1 <- ShutdownFramework framework_id=c-F1
  f2 <- Offers offers=[{id=3 agent_id=c-A1 hostname=a1 role=* resources=cpus:1}]
> state
  a1 active used= offered=cpus:4
