# An operator drains an agent: what is offered of it comes back, its tasks are killed with the time that is
# left, and it is drained when their ends have been acknowledged.

> agent a1 cpus:4
  ! agent_registered agent=c-A1 hostname=a1 resources=cpus:4
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
> framework f1 failover=1h
  ! framework_subscribed framework=c-F1 name=f1
  f1 <- Subscribed framework_id=c-F1 master=(master)
  f1 <- Offers offers=[{id=1 agent_id=c-A1 hostname=a1 role=* resources=cpus:4}]
> launch f1 1 t1=cpus:1 refuse=0s
  a1 <- RunTasks framework={id=c-F1 name=f1 roles=[*] failover_timeout=1hrs} role=* tasks=[{id=t1 agent_id=c-A1 resources=cpus:1 name=t1}]
  f1 <- Offers offers=[{id=2 agent_id=c-A1 hostname=a1 role=* resources=cpus:3}]
> update a1 f1 t1 running
  f1 <- Updates updates=[{task_id=t1 state=running agent_id=c-A1 source=agent update_id=1}]
> drain a1 within=10min
  ! agent_draining agent=c-A1 within=10mins tasks=1
  f1 <- RescindOffers offers=[2] reason="agent c-A1 is being drained"
  a1 <- KillAgentTask framework_id=c-F1 task_id=t1 policy={grace_period=10mins}
  operator <- OperatorAnswer text="agent c-A1 is being drained of 1 tasks"
> state
  a1 draining used=cpus:1 offered=
  task t1 of c-F1 on c-A1 running
> update a1 f1 t1 killed
  f1 <- Updates updates=[{task_id=t1 state=killed agent_id=c-A1 source=agent reason=agent_draining update_id=2}]
> ack f1 a1 t1 2
  ! agent_drained agent=c-A1
  a1 <- AcknowledgeUpdates updates=[{framework_id=c-F1 task_id=t1 update_id=2}]
> state
  a1 drained used= offered=

# Nothing of it is offered until it is put into service again.
> pass 1h
> service on a1
  ! agent_reactivated agent=c-A1
  operator <- OperatorAnswer text="agent c-A1 is in service again"
  f1 <- Offers offers=[{id=3 agent_id=c-A1 hostname=a1 role=* resources=cpus:4}]
> state
  a1 active used= offered=cpus:4
