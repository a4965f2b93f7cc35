# An agent that comes back says what runs there, and that is the truth: what it does not name has
# ended. Here the launch of t2 never reached it.

> agent a1 cpus:4
  ! agent_registered agent=c-A1 hostname=a1 resources=cpus:4
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
> framework f1 failover=1h partition_aware
  ! framework_subscribed framework=c-F1 name=f1
  f1 <- Subscribed framework_id=c-F1 master=(master)
  f1 <- Offers offers=[{id=1 agent_id=c-A1 hostname=a1 role=* resources=cpus:4}]
> launch f1 1 t1=cpus:1 refuse=0s
  a1 <- RunTasks framework={id=c-F1 name=f1 roles=[*] capabilities=[partition_aware] failover_timeout=1hrs} role=* tasks=[{id=t1 agent_id=c-A1 resources=cpus:1 name=t1}]
  f1 <- Offers offers=[{id=2 agent_id=c-A1 hostname=a1 role=* resources=cpus:3}]
> update a1 f1 t1 running
  f1 <- Updates updates=[{task_id=t1 state=running agent_id=c-A1 source=agent update_id=1}]
> launch f1 2 t2=cpus:1 refuse=1h
  a1 <- RunTasks framework={id=c-F1 name=f1 roles=[*] capabilities=[partition_aware] failover_timeout=1hrs} role=* tasks=[{id=t2 agent_id=c-A1 resources=cpus:1 name=t2}]
> lose a1
  ! agent_disconnected agent=c-A1 reason="its connection was lost"
> back a1 t1
  ! agent_reregistered agent=c-A1 hostname=a1 tasks=1
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
  f1 <- Updates updates=[{task_id=t2 state=dropped agent_id=c-A1 message="the agent came back without this task" source=master reason=agent_restarted timestamp=+0ns}]
  f1 <- Offers offers=[{id=3 agent_id=c-A1 hostname=a1 role=* resources=cpus:3}]
> state
  a1 active used=cpus:1 offered=cpus:3
  task t1 of c-F1 on c-A1 running
