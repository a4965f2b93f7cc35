# A framework that subscribes is offered, in the same turn, whatever is free; an agent that comes
# later is offered as soon as it is there.

> agent a1 cpus:4;mem:1024
  ! agent_registered agent=c-A1 hostname=a1 resources=cpus:4;mem:1024
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
> framework f1
  ! framework_subscribed framework=c-F1 name=f1
  f1 <- Subscribed framework_id=c-F1 master=(master)
  f1 <- Offers offers=[{id=1 agent_id=c-A1 hostname=a1 role=* resources=cpus:4;mem:1024}]
> agent a2 cpus:2;mem:512;ports:[31000-31009]
  ! agent_registered agent=c-A2 hostname=a2 resources=cpus:2;mem:512;ports:[31000-31009]
  a2 <- AgentRegistered agent_id=c-A2 master=(master) ping_timeout=75secs
  f1 <- Offers offers=[{id=2 agent_id=c-A2 hostname=a2 role=* resources=cpus:2;mem:512;ports:[31000-31009]}]
> state
  a1 active used= offered=cpus:4;mem:1024
  a2 active used= offered=cpus:2;mem:512;ports:[31000-31009]
