# What a framework reserves comes back reserved, is offered to its role alone, and can be given back.

> agent a1 cpus:4;mem:1024
  ! agent_registered agent=c-A1 hostname=a1 resources=cpus:4;mem:1024
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
> framework f1 roles=eng failover=1h
  ! framework_subscribed framework=c-F1 name=f1
  f1 <- Subscribed framework_id=c-F1 master=(master)
  f1 <- Offers offers=[{id=1 agent_id=c-A1 hostname=a1 role=eng resources=cpus:4;mem:1024}]
> launch f1 1 reserve=cpus:1;mem:256@eng t1=cpus:1 refuse=0s
  ! resources_converted agent=c-A1 from=cpus:1;mem:256 to=cpus(eng):1;mem(eng):256
  a1 <- CheckpointResources resources=cpus(eng):1;mem(eng):256
  a1 <- RunTasks framework={id=c-F1 name=f1 roles=[eng] failover_timeout=1hrs} role=eng tasks=[{id=t1 agent_id=c-A1 resources=cpus:1 name=t1}]
  f1 <- Offers offers=[{id=2 agent_id=c-A1 hostname=a1 role=eng resources=cpus:2;mem:768;cpus(eng):1;mem(eng):256}]
# Another role sees only what is left.
> suppress f1
> decline f1 2 refuse=0s
> framework f2 roles=ops failover=1h
  ! framework_subscribed framework=c-F2 name=f2
  f2 <- Subscribed framework_id=c-F2 master=(master)
  f2 <- Offers offers=[{id=3 agent_id=c-A1 hostname=a1 role=ops resources=cpus:2;mem:768}]
> decline f2 3 refuse=1h
> revive f1
  f1 <- Offers offers=[{id=4 agent_id=c-A1 hostname=a1 role=eng resources=cpus:2;mem:768;cpus(eng):1;mem(eng):256}]
> launch f1 4 unreserve=cpus:1;mem:256@eng refuse=0s
  ! resources_converted agent=c-A1 from=cpus(eng):1;mem(eng):256 to=cpus:1;mem:256
  a1 <- CheckpointResources
  f2 <- Offers offers=[{id=5 agent_id=c-A1 hostname=a1 role=ops resources=cpus:3;mem:1024}]
> state
  a1 active used=cpus:1 offered=cpus:3;mem:1024
  task t1 of c-F1 on c-A1 staging
# What cannot be is told to who asked.
> launch f1 5 reserve=cpus:1@ops reserve=cpus:9@eng reserve=cpus:1 refuse=0s
  ! request_refused framework=c-F1 request=Accept problem="offers[0]: 5 is not, or is no longer, an offer to this framework"
  f1 <- RequestRefused request=Accept problem="offers[0]: 5 is not, or is no longer, an offer to this framework"
