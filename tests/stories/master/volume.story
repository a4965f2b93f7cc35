# A persistent volume outlives its task and its agent's restart; the agent that forgot it is told anew.

> agent a1 cpus:4;disk:1000
  ! agent_registered agent=c-A1 hostname=a1 resources=cpus:4;disk:1000
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
> framework f1 roles=eng failover=1h
  ! framework_subscribed framework=c-F1 name=f1
  f1 <- Subscribed framework_id=c-F1 master=(master)
  f1 <- Offers offers=[{id=1 agent_id=c-A1 hostname=a1 role=eng resources=cpus:4;disk:1000}]
> launch f1 1 reserve=disk:100@eng create=data:disk:100@eng t1=cpus:1+data:disk:100@eng refuse=1h
  ! resources_converted agent=c-A1 from=disk:100 to=disk(eng):100
  ! resources_converted agent=c-A1 from=disk(eng):100 to=disk(eng)[data:data]:100
  a1 <- CheckpointResources resources=disk(eng)[data:data]:100
  a1 <- RunTasks framework={id=c-F1 name=f1 roles=[eng] failover_timeout=1hrs} role=eng tasks=[{id=t1 agent_id=c-A1 resources=cpus:1;disk(eng)[data:data]:100 name=t1}]
> update a1 f1 t1 finished
  f1 <- Updates updates=[{task_id=t1 state=finished agent_id=c-A1 source=agent update_id=1}]
  f1 <- Offers offers=[{id=2 agent_id=c-A1 hostname=a1 role=eng resources=cpus:4;disk:900;disk(eng)[data:data]:100}]
> ack f1 a1 t1 1
  a1 <- AcknowledgeUpdates updates=[{framework_id=c-F1 task_id=t1 update_id=1}]
> lose a1
  ! agent_disconnected agent=c-A1 reason="its connection was lost"
  f1 <- RescindOffers offers=[2] reason="agent c-A1 is disconnected"
> back a1
  ! agent_reregistered agent=c-A1 hostname=a1 tasks=0
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
  a1 <- CheckpointResources resources=disk(eng)[data:data]:100
  f1 <- Offers offers=[{id=3 agent_id=c-A1 hostname=a1 role=eng resources=cpus:4;disk:900;disk(eng)[data:data]:100}]
> launch f1 3 destroy=data:disk:100@eng refuse=0s
  ! resources_converted agent=c-A1 from=disk(eng)[data:data]:100 to=disk(eng):100
  a1 <- CheckpointResources resources=disk(eng):100
  f1 <- Offers offers=[{id=4 agent_id=c-A1 hostname=a1 role=eng resources=cpus:4;disk:900;disk(eng):100}]
> state
  a1 active used= offered=cpus:4;disk:900;disk(eng):100
