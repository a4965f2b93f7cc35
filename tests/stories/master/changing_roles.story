# A framework may come back in other roles: the offers of the role that it left go to others.

> framework f1 roles=eng,ops failover=1h
  ! framework_subscribed framework=c-F1 name=f1
  f1 <- Subscribed framework_id=c-F1 master=(master)
> agent a1 cpus:2
  ! agent_registered agent=c-A1 hostname=a1 resources=cpus:2
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
  f1 <- Offers offers=[{id=1 agent_id=c-A1 hostname=a1 role=eng resources=cpus:2}]
> launch f1 1 t1=cpus:1 refuse=0s
  a1 <- RunTasks framework={id=c-F1 name=f1 roles=[eng ops] failover_timeout=1hrs} role=eng tasks=[{id=t1 agent_id=c-A1 resources=cpus:1 name=t1}]
  f1 <- Offers offers=[{id=2 agent_id=c-A1 hostname=a1 role=ops resources=cpus:1}]
> framework f2 id=f1 roles=ops failover=1h
  ! framework_failed_over framework=c-F1
  ! framework_resubscribed framework=c-F1 name=f2
  f1 <- FrameworkError message="framework c-F1 has failed over to another scheduler"
  f1 is cut off
  f2 <- Subscribed framework_id=c-F1 master=(master) returning=true
  a1 <- RunTasks framework={id=c-F1 name=f2 roles=[ops] failover_timeout=1hrs}
  f2 <- Offers offers=[{id=3 agent_id=c-A1 hostname=a1 role=ops resources=cpus:1}]
> framework f3 roles=eng
  ! framework_subscribed framework=c-F2 name=f3
  f3 <- Subscribed framework_id=c-F2 master=(master)
> state
  a1 active used=cpus:1 offered=cpus:1
  task t1 of c-F1 on c-A1 staging
