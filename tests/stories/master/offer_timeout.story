# A scheduler that does not answer its offers does not hold the cluster: they are taken back, and others
# are asked before it is asked again.

> master offer_timeout=30s
> agent a1 cpus:4
  ! agent_registered agent=c-A1 hostname=a1 resources=cpus:4
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
> framework lazy failover=1h
  ! framework_subscribed framework=c-F1 name=lazy
  lazy <- Subscribed framework_id=c-F1 master=(master)
  lazy <- Offers offers=[{id=1 agent_id=c-A1 hostname=a1 role=* resources=cpus:4}]
> framework busy failover=1h
  ! framework_subscribed framework=c-F2 name=busy
  busy <- Subscribed framework_id=c-F2 master=(master)
> pass 30s
  ! offer_timed_out offer=1 framework=c-F1 agent=c-A1
  lazy <- RescindOffers offers=[1] reason="not answered within 30secs"
  busy <- Offers offers=[{id=2 agent_id=c-A1 hostname=a1 role=* resources=cpus:4}]
> launch busy 2 t1=cpus:4
  a1 <- RunTasks framework={id=c-F2 name=busy roles=[*] failover_timeout=1hrs} role=* tasks=[{id=t1 agent_id=c-A1 resources=cpus:4 name=t1}]
> pass 1min
