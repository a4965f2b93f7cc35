# What a framework declines is offered to others at once, and to itself when its filter ends. A
# filter of zero keeps nothing away; reviving clears all filters.

> agent a1 cpus:4
  ! agent_registered agent=c-A1 hostname=a1 resources=cpus:4
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
> framework f1 failover=1h
  ! framework_subscribed framework=c-F1 name=f1
  f1 <- Subscribed framework_id=c-F1 master=(master)
  f1 <- Offers offers=[{id=1 agent_id=c-A1 hostname=a1 role=* resources=cpus:4}]
> decline f1 1 refuse=10s
> pass 9s
> pass 1s
  f1 <- Offers offers=[{id=2 agent_id=c-A1 hostname=a1 role=* resources=cpus:4}]

# Another framework is asked as soon as the first has said no.
> framework f2
  ! framework_subscribed framework=c-F2 name=f2
  f2 <- Subscribed framework_id=c-F2 master=(master)
> decline f1 2 refuse=1h
  f2 <- Offers offers=[{id=3 agent_id=c-A1 hostname=a1 role=* resources=cpus:4}]
> decline f2 3 refuse=1h
> revive f1
  f1 <- Offers offers=[{id=4 agent_id=c-A1 hostname=a1 role=* resources=cpus:4}]
> decline f1 4 refuse=0s
  f1 <- Offers offers=[{id=5 agent_id=c-A1 hostname=a1 role=* resources=cpus:4}]
