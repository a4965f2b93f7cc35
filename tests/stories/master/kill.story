# A kill goes to the agent, which reports how it ended. A kill of a task that nobody knows is answered
# like a question about it.

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
> kill f1 t1
  a1 <- KillAgentTask framework_id=c-F1 task_id=t1
> update a1 f1 t1 killed
  f1 <- Updates updates=[{task_id=t1 state=killed agent_id=c-A1 source=agent update_id=2}]
  f1 <- Offers offers=[{id=2 agent_id=c-A1 hostname=a1 role=* resources=cpus:4}]
> ack f1 a1 t1 2
  a1 <- AcknowledgeUpdates updates=[{framework_id=c-F1 task_id=t1 update_id=2}]
> kill f1 nobody
  f1 <- Updates updates=[{task_id=nobody state=lost message="no such task" source=master reason=reconciliation timestamp=+0ns}]

# While the agent is away the kill waits for it.
> launch f1 2 t2=cpus:1 refuse=1h
  a1 <- RunTasks framework={id=c-F1 name=f1 roles=[*] failover_timeout=1hrs} role=* tasks=[{id=t2 agent_id=c-A1 resources=cpus:1 name=t2}]
> lose a1
  ! agent_disconnected agent=c-A1 reason="its connection was lost"
> kill f1 t2
> back a1 t2
  ! agent_reregistered agent=c-A1 hostname=a1 tasks=1
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
  a1 <- KillAgentTask framework_id=c-F1 task_id=t2
