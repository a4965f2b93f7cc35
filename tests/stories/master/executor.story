# An executor is described to the agent, and charged, with the first task that needs it. Its end
# frees what it held; the next task that names it has it started anew.

> agent a1 cpus:4;mem:1024
  ! agent_registered agent=c-A1 hostname=a1 resources=cpus:4;mem:1024
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
> framework f1 failover=1h
  ! framework_subscribed framework=c-F1 name=f1
  f1 <- Subscribed framework_id=c-F1 master=(master)
  f1 <- Offers offers=[{id=1 agent_id=c-A1 hostname=a1 role=* resources=cpus:4;mem:1024}]
> launch f1 1 t1=cpus:1@e t2=cpus:1@e executor:e=cpus:0.5;mem:64 refuse=0s
  a1 <- RunTasks framework={id=c-F1 name=f1 roles=[*] failover_timeout=1hrs} role=* tasks=[{id=t1 agent_id=c-A1 executor_id=e resources=cpus:1 name=t1} {id=t2 agent_id=c-A1 executor_id=e resources=cpus:1 name=t2}] executors=[{id=e resources=cpus:0.5;mem:64}]
  f1 <- Offers offers=[{id=2 agent_id=c-A1 hostname=a1 role=* resources=cpus:1.5;mem:960 executor_ids=[e]}]
> launch f1 2 t3=cpus:1@e executor:e=cpus:0.5;mem:64 refuse=1h
  a1 <- RunTasks framework={id=c-F1 name=f1 roles=[*] failover_timeout=1hrs} role=* tasks=[{id=t3 agent_id=c-A1 executor_id=e resources=cpus:1 name=t3}]
> state
  a1 active used=cpus:3.5;mem:64 offered=
  task t1 of c-F1 on c-A1 staging
  task t2 of c-F1 on c-A1 staging
  task t3 of c-F1 on c-A1 staging
> message f1 a1 e "how are you?"
  a1 <- ExecutorMessage framework_id=c-F1 executor_id=e data="how are you?"
> reply a1 f1 e "well"
  f1 <- MessageFromExecutor agent_id=c-A1 executor_id=e data=well
> exited a1 f1 e 9
  f1 <- ExecutorLost agent_id=c-A1 executor_id=e exit_status=9 reason="it ended"
  f1 <- Offers offers=[{id=3 agent_id=c-A1 hostname=a1 role=* resources=cpus:1;mem:1024}]
> update a1 f1 t1 failed
  f1 <- Updates updates=[{task_id=t1 state=failed agent_id=c-A1 source=agent update_id=1}]
  f1 <- Offers offers=[{id=4 agent_id=c-A1 hostname=a1 role=* resources=cpus:1}]
> update a1 f1 t2 failed
  f1 <- Updates updates=[{task_id=t2 state=failed agent_id=c-A1 source=agent update_id=2}]
  f1 <- Offers offers=[{id=5 agent_id=c-A1 hostname=a1 role=* resources=cpus:1}]
> update a1 f1 t3 failed
  f1 <- Updates updates=[{task_id=t3 state=failed agent_id=c-A1 source=agent update_id=3}]
  f1 <- Offers offers=[{id=6 agent_id=c-A1 hostname=a1 role=* resources=cpus:1}]
> state
  a1 active used= offered=cpus:4;mem:1024
  task t1 of c-F1 on c-A1 failed
  task t2 of c-F1 on c-A1 failed
  task t3 of c-F1 on c-A1 failed
