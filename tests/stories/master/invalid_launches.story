# Each task that cannot be launched is answered with the reason; the others of the request run.

> agent a1 cpus:4;mem:1024
  ! agent_registered agent=c-A1 hostname=a1 resources=cpus:4;mem:1024
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
> agent a2 cpus:4;mem:1024
  ! agent_registered agent=c-A2 hostname=a2 resources=cpus:4;mem:1024
  a2 <- AgentRegistered agent_id=c-A2 master=(master) ping_timeout=75secs
> framework f1 failover=1h
  ! framework_subscribed framework=c-F1 name=f1
  f1 <- Subscribed framework_id=c-F1 master=(master)
  f1 <- Offers offers=[{id=1 agent_id=c-A1 hostname=a1 role=* resources=cpus:4;mem:1024} {id=2 agent_id=c-A2 hostname=a2 role=* resources=cpus:4;mem:1024}]
> launch f1 1 t1=cpus:1 ../t=cpus:1 t2=cpus:4 t1=cpus:1 t3=ports:[1-2] t4=cpus:1@e refuse=1h
  a1 <- RunTasks framework={id=c-F1 name=f1 roles=[*] failover_timeout=1hrs} role=* tasks=[{id=t1 agent_id=c-A1 resources=cpus:1 name=t1}]
  f1 <- Updates updates=[{task_id=../t state=error agent_id=c-A1 message="id: is not 1 to 128 of letters, digits and . _ : -" source=master reason=task_invalid timestamp=+0ns} {task_id=t2 state=error agent_id=c-A1 message="resources: takes cpus:4, but the offers have cpus:3;mem:1024 left" source=master reason=task_invalid timestamp=+0ns} {task_id=t1 state=error agent_id=c-A1 message="id: 't1' names a task that has not ended yet" source=master reason=task_invalid timestamp=+0ns} {task_id=t3 state=error agent_id=c-A1 message="resources: takes ports:[1-2], but the offers have cpus:3;mem:1024 left" source=master reason=task_invalid timestamp=+0ns} {task_id=t4 state=error agent_id=c-A1 executor_id=e message="executor_id: 'e' does not run there and is not one of the request's executors" source=master reason=task_invalid timestamp=+0ns}]
> launch f1 1 t5=cpus:1
  ! request_refused framework=c-F1 request=Accept problem="offers[0]: 1 is not, or is no longer, an offer to this framework"
  f1 <- RequestRefused request=Accept problem="offers[0]: 1 is not, or is no longer, an offer to this framework"
  f1 <- Updates updates=[{task_id=t5 state=lost message="offers[0]: 1 is not, or is no longer, an offer to this framework" source=master reason=invalid_offers timestamp=+0ns}]
> launch f1 2,99 t6=cpus:1 refuse=1h
  ! request_refused framework=c-F1 request=Accept problem="offers[1]: 99 is not, or is no longer, an offer to this framework"
  f1 <- RequestRefused request=Accept problem="offers[1]: 99 is not, or is no longer, an offer to this framework"
  f1 <- Updates updates=[{task_id=t6 state=lost message="offers[1]: 99 is not, or is no longer, an offer to this framework" source=master reason=invalid_offers timestamp=+0ns}]
> launch f1 2 t7=cpus:1
  ! request_refused framework=c-F1 request=Accept problem="offers[0]: 2 is not, or is no longer, an offer to this framework"
  f1 <- RequestRefused request=Accept problem="offers[0]: 2 is not, or is no longer, an offer to this framework"
  f1 <- Updates updates=[{task_id=t7 state=lost message="offers[0]: 2 is not, or is no longer, an offer to this framework" source=master reason=invalid_offers timestamp=+0ns}]
> state
  a1 active used=cpus:1 offered=
  a2 active used= offered=
  task t1 of c-F1 on c-A1 staging
