# What is reserved to a role is offered to the roles below it too, and they may keep it to themselves.

> agent a1 cpus:1;cpus(eng):2;mem(eng/web):64
  ! agent_registered agent=c-A1 hostname=a1 resources=cpus:1;cpus(eng):2;mem(eng/web):64
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
> framework f1 roles=ops failover=1h
  ! framework_subscribed framework=c-F1 name=f1
  f1 <- Subscribed framework_id=c-F1 master=(master)
  f1 <- Offers offers=[{id=1 agent_id=c-A1 hostname=a1 role=ops resources=cpus:1}]
> framework f2 roles=eng/db failover=1h
  ! framework_subscribed framework=c-F2 name=f2
  f2 <- Subscribed framework_id=c-F2 master=(master)
  f2 <- Offers offers=[{id=2 agent_id=c-A1 hostname=a1 role=eng/db resources=cpus(eng):2}]
> framework f3 roles=eng/web failover=1h
  ! framework_subscribed framework=c-F3 name=f3
  f3 <- Subscribed framework_id=c-F3 master=(master)
  f3 <- Offers offers=[{id=3 agent_id=c-A1 hostname=a1 role=eng/web resources=mem(eng/web):64}]
# A framework that comes back in another role loses the offers of the old one.
> framework f4 id=f2 roles=eng/web failover=1h
  ! framework_failed_over framework=c-F2
  ! framework_resubscribed framework=c-F2 name=f4
  f2 <- RescindOffers offers=[2] reason="the framework left the role"
  f2 <- FrameworkError message="framework c-F2 has failed over to another scheduler"
  f2 is cut off
  f4 <- Subscribed framework_id=c-F2 master=(master) returning=true
  f4 <- Offers offers=[{id=4 agent_id=c-A1 hostname=a1 role=eng/web resources=cpus(eng):2}]
