# A scheduler that is away when its master dies has as long as it had, not longer: its failover_timeout
# goes on under the next master, and when it is over all that runs for it ends.

> agent a1 cpus:4
  ! agent_registered agent=c-A1 hostname=a1 resources=cpus:4
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
> framework f1 failover=1h
  ! framework_subscribed framework=c-F1 name=f1
  f1 <- Subscribed framework_id=c-F1 master=(master)
  f1 <- Offers offers=[{id=1 agent_id=c-A1 hostname=a1 role=* resources=cpus:4}]
> launch f1 1 t1=cpus:1 refuse=1h
  a1 <- RunTasks framework={id=c-F1 name=f1 roles=[*] failover_timeout=1hrs} role=* tasks=[{id=t1 agent_id=c-A1 resources=cpus:1 name=t1}]
> update a1 f1 t1 running
  f1 <- Updates updates=[{task_id=t1 state=running agent_id=c-A1 source=agent update_id=1}]
> lose f1
  ! framework_disconnected framework=c-F1 reason="its connection was lost"
> pass 50min
> restart 2s
> back a1 t1
  ! agent_reregistered agent=c-A1 hostname=a1 tasks=1
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
> pass 9min
> state
  a1 active used=cpus:1 offered=
  task t1 of c-F1 on c-A1 running
> pass 1min
  ! framework_removed framework=c-F1 reason="its scheduler did not come back within its failover_timeout of 1hrs" tasks=1
  a1 <- ShutdownFramework framework_id=c-F1
> update a1 f1 t1 killed
  ! report_refused agent=c-A1 report=AgentUpdates problem="framework_id: 'c-F1' names no framework"
  a1 <- AcknowledgeUpdates updates=[{framework_id=c-F1 task_id=t1 update_id=2}]
> state
  a1 active used= offered=

# Its id is spent, under this master and the next.
> framework f1 id=f1 failover=1h
  ! subscription_refused peer=2 reason="Subscribe: id: 'c-F1' named a framework that has ended; subscribe without an id as a new one"
  f1 <- FrameworkError message="Subscribe: id: 'c-F1' named a framework that has ended; subscribe without an id as a new one"
  f1 is cut off
> restart 1s
> framework f1 id=f1 failover=1h
  ! subscription_refused peer=1 reason="Subscribe: id: 'c-F1' named a framework that has ended; subscribe without an id as a new one"
  f1 <- FrameworkError message="Subscribe: id: 'c-F1' named a framework that has ended; subscribe without an id as a new one"
  f1 is cut off
