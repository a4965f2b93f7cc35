# A scheduler that comes back within its failover_timeout finds its tasks as they are; its old offers
# are void and what they held is offered anew.

> agent a1 cpus:4
  ! agent_registered agent=c-A1 hostname=a1 resources=cpus:4
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
> framework f1 failover=1min
  ! framework_subscribed framework=c-F1 name=f1
  f1 <- Subscribed framework_id=c-F1 master=(master)
  f1 <- Offers offers=[{id=1 agent_id=c-A1 hostname=a1 role=* resources=cpus:4}]
> launch f1 1 t1=cpus:1 refuse=0s
  a1 <- RunTasks framework={id=c-F1 name=f1 roles=[*] failover_timeout=1mins} role=* tasks=[{id=t1 agent_id=c-A1 resources=cpus:1 name=t1}]
  f1 <- Offers offers=[{id=2 agent_id=c-A1 hostname=a1 role=* resources=cpus:3}]
> update a1 f1 t1 running
  f1 <- Updates updates=[{task_id=t1 state=running agent_id=c-A1 source=agent update_id=1}]
> lose f1
  ! framework_disconnected framework=c-F1 reason="its connection was lost"
> pass 59s
> framework f1b id=f1 failover=1min
  ! framework_resubscribed framework=c-F1 name=f1b
  f1b <- Subscribed framework_id=c-F1 master=(master) returning=true
  a1 <- RunTasks framework={id=c-F1 name=f1b roles=[*] failover_timeout=1mins}
  f1b <- Offers offers=[{id=3 agent_id=c-A1 hostname=a1 role=* resources=cpus:3}]
> reconcile f1b
  f1b <- Updates updates=[{task_id=t1 state=running agent_id=c-A1 message="the last known state" source=master reason=reconciliation timestamp=+59secs}]

# It does not come back a second time: everything ends, and the id is spent.
> lose f1b
  ! framework_disconnected framework=c-F1 reason="its connection was lost"
> pass 1min
  ! framework_removed framework=c-F1 reason="its scheduler did not come back within its failover_timeout of 1mins" tasks=1
  a1 <- ShutdownFramework framework_id=c-F1
> framework f1c id=f1
  ! subscription_refused peer=4 reason="Subscribe: id: 'c-F1' named a framework that has ended; subscribe without an id as a new one"
  f1c <- FrameworkError message="Subscribe: id: 'c-F1' named a framework that has ended; subscribe without an id as a new one"
  f1c is cut off
