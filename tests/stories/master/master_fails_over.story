# A master dies and another starts from what it wrote down: agents and frameworks are known before they
# are back, nothing is said of tasks that are yet to be reported, and ids go on in the name of the new epoch.

> agent a1 cpus:4
  ! agent_registered agent=c-A1 hostname=a1 resources=cpus:4
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
> agent a2 cpus:4
  ! agent_registered agent=c-A2 hostname=a2 resources=cpus:4
  a2 <- AgentRegistered agent_id=c-A2 master=(master) ping_timeout=75secs
> framework f1 failover=1h partition_aware
  ! framework_subscribed framework=c-F1 name=f1
  f1 <- Subscribed framework_id=c-F1 master=(master)
  f1 <- Offers offers=[{id=1 agent_id=c-A1 hostname=a1 role=* resources=cpus:4} {id=2 agent_id=c-A2 hostname=a2 role=* resources=cpus:4}]
> launch f1 1 t1=cpus:1 refuse=1h
  a1 <- RunTasks framework={id=c-F1 name=f1 roles=[*] capabilities=[partition_aware] failover_timeout=1hrs} role=* tasks=[{id=t1 agent_id=c-A1 resources=cpus:1 name=t1}]
> update a1 f1 t1 running
  f1 <- Updates updates=[{task_id=t1 state=running agent_id=c-A1 source=agent update_id=1}]
> restart 2s
> state
  a1 disconnected used= offered=
  a2 disconnected used= offered=
> framework f1 id=f1 failover=1h partition_aware
  ! framework_resubscribed framework=c-F1 name=f1
  f1 <- Subscribed framework_id=c-F1 master=(master) returning=true
> reconcile f1 t1@a1 t2@a2
> reconcile f1
> back a1 t1
  ! agent_reregistered agent=c-A1 hostname=a1 tasks=1
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
  f1 <- Offers offers=[{id=1 agent_id=c-A1 hostname=a1 role=* resources=cpus:3}]
> reconcile f1 t1@a1 t2@a1 t2@a2
  f1 <- Updates updates=[{task_id=t1 state=running agent_id=c-A1 message="the last known state" source=master reason=reconciliation timestamp=+2secs} {task_id=t2 state=gone agent_id=c-A1 message="no such task on agent c-A1" source=master reason=reconciliation timestamp=+2secs} {task_id=t2 state=gone agent_id=c-A1 message="no such task on agent c-A1" source=master reason=reconciliation timestamp=+2secs}]
> agent a3 cpus:4
  ! agent_registered agent=c.2-A1 hostname=a3 resources=cpus:4
  a3 <- AgentRegistered agent_id=c.2-A1 master=(master) ping_timeout=75secs
  f1 <- Offers offers=[{id=2 agent_id=c.2-A1 hostname=a3 role=* resources=cpus:4}]

# The other agent does not come back.
> pass 10min
  ! offer_timed_out offer=1 framework=c-F1 agent=c-A1
  ! offer_timed_out offer=2 framework=c-F1 agent=c.2-A1
  f1 <- RescindOffers offers=[1 2] reason="not answered within 2mins"
  f1 <- Offers offers=[{id=3 agent_id=c-A1 hostname=a1 role=* resources=cpus:3} {id=4 agent_id=c.2-A1 hostname=a3 role=* resources=cpus:4}]
  ! offer_timed_out offer=3 framework=c-F1 agent=c-A1
  ! offer_timed_out offer=4 framework=c-F1 agent=c.2-A1
  f1 <- RescindOffers offers=[3 4] reason="not answered within 2mins"
  f1 <- Offers offers=[{id=5 agent_id=c-A1 hostname=a1 role=* resources=cpus:3} {id=6 agent_id=c.2-A1 hostname=a3 role=* resources=cpus:4}]
  ! offer_timed_out offer=5 framework=c-F1 agent=c-A1
  ! offer_timed_out offer=6 framework=c-F1 agent=c.2-A1
  f1 <- RescindOffers offers=[5 6] reason="not answered within 2mins"
  f1 <- Offers offers=[{id=7 agent_id=c-A1 hostname=a1 role=* resources=cpus:3} {id=8 agent_id=c.2-A1 hostname=a3 role=* resources=cpus:4}]
  ! offer_timed_out offer=7 framework=c-F1 agent=c-A1
  ! offer_timed_out offer=8 framework=c-F1 agent=c.2-A1
  f1 <- RescindOffers offers=[7 8] reason="not answered within 2mins"
  f1 <- Offers offers=[{id=9 agent_id=c-A1 hostname=a1 role=* resources=cpus:3} {id=10 agent_id=c.2-A1 hostname=a3 role=* resources=cpus:4}]
  ! agent_lost agent=c-A2 hostname=a2 reason="did not come back within 10mins" tasks=0
  f1 <- AgentLost agent_id=c-A2 reason="did not come back within 10mins"
> reconcile f1 t2@a2 t2
  f1 <- Updates updates=[{task_id=t2 state=gone agent_id=c-A1 message="no such task on agent c-A1" source=master reason=reconciliation timestamp=+602secs} {task_id=t2 state=unknown message="no such task" source=master reason=reconciliation timestamp=+602secs}]
> state
  a1 active used=cpus:1 offered=cpus:3
  a3 active used= offered=cpus:4
  task t1 of c-F1 on c-A1 running
