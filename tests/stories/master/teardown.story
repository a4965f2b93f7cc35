# A framework that is torn down is shut down on each agent, and what it held is free at once. Updates
# that come late are acknowledged in its place.

> agent a1 cpus:4
  ! agent_registered agent=c-A1 hostname=a1 resources=cpus:4
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
> agent a2 cpus:4
  ! agent_registered agent=c-A2 hostname=a2 resources=cpus:4
  a2 <- AgentRegistered agent_id=c-A2 master=(master) ping_timeout=75secs
> framework f1 failover=1h
  ! framework_subscribed framework=c-F1 name=f1
  f1 <- Subscribed framework_id=c-F1 master=(master)
  f1 <- Offers offers=[{id=1 agent_id=c-A1 hostname=a1 role=* resources=cpus:4} {id=2 agent_id=c-A2 hostname=a2 role=* resources=cpus:4}]
> launch f1 1 t1=cpus:1 refuse=1h
  a1 <- RunTasks framework={id=c-F1 name=f1 roles=[*] failover_timeout=1hrs} role=* tasks=[{id=t1 agent_id=c-A1 resources=cpus:1 name=t1}]
> launch f1 2 t2=cpus:1@e executor:e=cpus:1 refuse=1h
  a2 <- RunTasks framework={id=c-F1 name=f1 roles=[*] failover_timeout=1hrs} role=* tasks=[{id=t2 agent_id=c-A2 executor_id=e resources=cpus:1 name=t2}] executors=[{id=e resources=cpus:1}]
> framework f2 failover=1h
  ! framework_subscribed framework=c-F2 name=f2
  f2 <- Subscribed framework_id=c-F2 master=(master)
  f2 <- Offers offers=[{id=3 agent_id=c-A1 hostname=a1 role=* resources=cpus:3} {id=4 agent_id=c-A2 hostname=a2 role=* resources=cpus:2}]
> teardown f1
  ! framework_removed framework=c-F1 reason="it was torn down on request" tasks=2
  a1 <- ShutdownFramework framework_id=c-F1
  a2 <- ShutdownFramework framework_id=c-F1
  f2 <- Offers offers=[{id=5 agent_id=c-A1 hostname=a1 role=* resources=cpus:1} {id=6 agent_id=c-A2 hostname=a2 role=* resources=cpus:2}]
> update a1 f1 t1 killed
  ! report_refused agent=c-A1 report=AgentUpdates problem="framework_id: 'c-F1' names no framework"
  a1 <- AcknowledgeUpdates updates=[{framework_id=c-F1 task_id=t1 update_id=1}]
> state
  a1 active used= offered=cpus:4
  a2 active used= offered=cpus:4
