# A task from its offer to its end: launched, running, finished, acknowledged. What it leaves over
# comes back after the filter; its resources are free when it ends, before anybody acknowledges.

> agent a1 cpus:4;mem:1024
  ! agent_registered agent=c-A1 hostname=a1 resources=cpus:4;mem:1024
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
> framework f1 failover=1h
  ! framework_subscribed framework=c-F1 name=f1
  f1 <- Subscribed framework_id=c-F1 master=(master)
  f1 <- Offers offers=[{id=1 agent_id=c-A1 hostname=a1 role=* resources=cpus:4;mem:1024}]
> launch f1 1 t1=cpus:1;mem:128 refuse=3s
  a1 <- RunTasks framework={id=c-F1 name=f1 roles=[*] failover_timeout=1hrs} role=* tasks=[{id=t1 agent_id=c-A1 resources=cpus:1;mem:128 name=t1}]
> update a1 f1 t1 running
  f1 <- Updates updates=[{task_id=t1 state=running agent_id=c-A1 source=agent update_id=1}]
> ack f1 a1 t1 1
  a1 <- AcknowledgeUpdates updates=[{framework_id=c-F1 task_id=t1 update_id=1}]
> pass 3s
  f1 <- Offers offers=[{id=2 agent_id=c-A1 hostname=a1 role=* resources=cpus:3;mem:896}]
> state
  a1 active used=cpus:1;mem:128 offered=cpus:3;mem:896
  task t1 of c-F1 on c-A1 running
> update a1 f1 t1 finished
  f1 <- Updates updates=[{task_id=t1 state=finished agent_id=c-A1 source=agent update_id=2}]
  f1 <- Offers offers=[{id=3 agent_id=c-A1 hostname=a1 role=* resources=cpus:1;mem:128}]
> state
  a1 active used= offered=cpus:4;mem:1024
  task t1 of c-F1 on c-A1 finished
> ack f1 a1 t1 2
  a1 <- AcknowledgeUpdates updates=[{framework_id=c-F1 task_id=t1 update_id=2}]
> state
  a1 active used= offered=cpus:4;mem:1024
