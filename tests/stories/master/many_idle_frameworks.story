# 990 frameworks that want nothing do not delay the ten that do: offers come in the same turn.

> agent a1 cpus:4
  ! agent_registered agent=c-A1 hostname=a1 resources=cpus:4
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
> crowd 990
  990 frameworks are subscribed and want nothing
> framework f1 failover=1h
  ! framework_subscribed framework=c-F991 name=f1
  f1 <- Subscribed framework_id=c-F991 master=(master)
  f1 <- Offers offers=[{id=1 agent_id=c-A1 hostname=a1 role=* resources=cpus:4}]
> launch f1 1 t1=cpus:4
  a1 <- RunTasks framework={id=c-F991 name=f1 roles=[*] failover_timeout=1hrs} role=* tasks=[{id=t1 agent_id=c-A1 resources=cpus:4 name=t1}]
> update a1 f1 t1 finished
  f1 <- Updates updates=[{task_id=t1 state=finished agent_id=c-A1 source=agent update_id=1}]
  f1 <- Offers offers=[{id=2 agent_id=c-A1 hostname=a1 role=* resources=cpus:4}]
> suppress f1
> decline f1 2 refuse=0s
> framework f2
  ! framework_subscribed framework=c-F992 name=f2
  f2 <- Subscribed framework_id=c-F992 master=(master)
  f2 <- Offers offers=[{id=3 agent_id=c-A1 hostname=a1 role=* resources=cpus:4}]
