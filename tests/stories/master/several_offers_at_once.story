# Offers of one agent are accepted together, and a task may take of all of them.

> agent a1 cpus:4;mem:1024
  ! agent_registered agent=c-A1 hostname=a1 resources=cpus:4;mem:1024
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
> framework f1 failover=1h
  ! framework_subscribed framework=c-F1 name=f1
  f1 <- Subscribed framework_id=c-F1 master=(master)
  f1 <- Offers offers=[{id=1 agent_id=c-A1 hostname=a1 role=* resources=cpus:4;mem:1024}]
> launch f1 1 t1=cpus:1 t2=cpus:1;mem:512 refuse=0s
  a1 <- RunTasks framework={id=c-F1 name=f1 roles=[*] failover_timeout=1hrs} role=* tasks=[{id=t1 agent_id=c-A1 resources=cpus:1 name=t1} {id=t2 agent_id=c-A1 resources=cpus:1;mem:512 name=t2}]
  f1 <- Offers offers=[{id=2 agent_id=c-A1 hostname=a1 role=* resources=cpus:2;mem:512}]
> update a1 f1 t1 finished
  f1 <- Updates updates=[{task_id=t1 state=finished agent_id=c-A1 source=agent update_id=1}]
  f1 <- Offers offers=[{id=3 agent_id=c-A1 hostname=a1 role=* resources=cpus:1}]
> launch f1 2,3 t3=cpus:3;mem:512 refuse=0s
  a1 <- RunTasks framework={id=c-F1 name=f1 roles=[*] failover_timeout=1hrs} role=* tasks=[{id=t3 agent_id=c-A1 resources=cpus:3;mem:512 name=t3}]
> update a1 f1 t2 finished
  f1 <- Updates updates=[{task_id=t2 state=finished agent_id=c-A1 source=agent update_id=2}]
  f1 <- Offers offers=[{id=4 agent_id=c-A1 hostname=a1 role=* resources=cpus:1;mem:512}]
> update a1 f1 t3 finished
  f1 <- Updates updates=[{task_id=t3 state=finished agent_id=c-A1 source=agent update_id=3}]
  f1 <- Offers offers=[{id=5 agent_id=c-A1 hostname=a1 role=* resources=cpus:3;mem:512}]
> launch f1 4,5,4 t4=cpus:1
  ! request_refused framework=c-F1 request=Accept problem="offers[2]: stands twice"
  f1 <- RequestRefused request=Accept problem="offers[2]: stands twice"
  f1 <- Updates updates=[{task_id=t4 state=lost message="offers[2]: stands twice" source=master reason=invalid_offers timestamp=+0ns}]
  f1 <- Offers offers=[{id=6 agent_id=c-A1 hostname=a1 role=* resources=cpus:4;mem:1024}]
> state
  a1 active used= offered=cpus:4;mem:1024
  task t1 of c-F1 on c-A1 finished
  task t2 of c-F1 on c-A1 finished
  task t3 of c-F1 on c-A1 finished
