# An agent that is out of reach comes back without one of the tasks that its framework waits for: that
# one is gone, and its framework is told. A simulated run found it waiting for ever.

> master agent_reregister_timeout=1min
> agent a1 cpus:4
  ! agent_registered agent=c-A1 hostname=a1 resources=cpus:4
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
> framework f1 failover=1h partition_aware
  ! framework_subscribed framework=c-F1 name=f1
  f1 <- Subscribed framework_id=c-F1 master=(master)
  f1 <- Offers offers=[{id=1 agent_id=c-A1 hostname=a1 role=* resources=cpus:4}]
> launch f1 1 t1=cpus:1 t2=cpus:1 refuse=1h
  a1 <- RunTasks framework={id=c-F1 name=f1 roles=[*] capabilities=[partition_aware] failover_timeout=1hrs} role=* tasks=[{id=t1 agent_id=c-A1 resources=cpus:1 name=t1} {id=t2 agent_id=c-A1 resources=cpus:1 name=t2}]
> lose a1
  ! agent_disconnected agent=c-A1 reason="its connection was lost"
> pass 1min
  ! agent_lost agent=c-A1 hostname=a1 reason="did not come back within 1mins" tasks=2
  f1 <- Updates updates=[{task_id=t1 state=unreachable agent_id=c-A1 message="agent c-A1 is lost: did not come back within 1mins" source=master reason=agent_removed timestamp=+1mins} {task_id=t2 state=unreachable agent_id=c-A1 message="agent c-A1 is lost: did not come back within 1mins" source=master reason=agent_removed timestamp=+1mins}]
  f1 <- AgentLost agent_id=c-A1 reason="did not come back within 1mins"
> back a1 t1
  ! agent_reregistered agent=c-A1 hostname=a1 tasks=1
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
  f1 <- Updates updates=[{task_id=t1 state=running agent_id=c-A1 message="its agent is back" source=master reason=reconciliation timestamp=+1mins} {task_id=t2 state=gone agent_id=c-A1 message="the agent came back without this task" source=master reason=agent_restarted timestamp=+1mins}]
  f1 <- Offers offers=[{id=2 agent_id=c-A1 hostname=a1 role=* resources=cpus:3}]
> reconcile f1
  f1 <- Updates updates=[{task_id=t1 state=running agent_id=c-A1 message="the last known state" source=master reason=reconciliation timestamp=+1mins}]
