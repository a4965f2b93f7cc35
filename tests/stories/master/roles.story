# A framework of several roles gets each offer in one of them, and can be quiet in some.

> framework f1 roles=eng,ops suppressed=ops failover=1h
  ! framework_subscribed framework=c-F1 name=f1
  f1 <- Subscribed framework_id=c-F1 master=(master)
> agent a1 cpus:1
  ! agent_registered agent=c-A1 hostname=a1 resources=cpus:1
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
  f1 <- Offers offers=[{id=1 agent_id=c-A1 hostname=a1 role=eng resources=cpus:1}]
> agent a2 cpus:1
  ! agent_registered agent=c-A2 hostname=a2 resources=cpus:1
  a2 <- AgentRegistered agent_id=c-A2 master=(master) ping_timeout=75secs
  f1 <- Offers offers=[{id=2 agent_id=c-A2 hostname=a2 role=eng resources=cpus:1}]
> decline f1 1,2 refuse=1h
> revive f1 ops
  f1 <- Offers offers=[{id=3 agent_id=c-A1 hostname=a1 role=ops resources=cpus:1} {id=4 agent_id=c-A2 hostname=a2 role=ops resources=cpus:1}]
> suppress f1 nosuch
  ! request_refused framework=c-F1 request=Suppress problem="roles[0]: 'nosuch' is not a role of this framework"
  f1 <- RequestRefused request=Suppress problem="roles[0]: 'nosuch' is not a role of this framework"
