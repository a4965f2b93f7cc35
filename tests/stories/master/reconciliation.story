# A scheduler that asks is told what the master knows, in words that it understands.

> master agent_reregister_timeout=1min
> agent a1 cpus:4
  ! agent_registered agent=c-A1 hostname=a1 resources=cpus:4
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
> agent a2 cpus:1
  ! agent_registered agent=c-A2 hostname=a2 resources=cpus:1
  a2 <- AgentRegistered agent_id=c-A2 master=(master) ping_timeout=75secs
> framework f1 failover=1h partition_aware
  ! framework_subscribed framework=c-F1 name=f1
  f1 <- Subscribed framework_id=c-F1 master=(master)
  f1 <- Offers offers=[{id=1 agent_id=c-A1 hostname=a1 role=* resources=cpus:4} {id=2 agent_id=c-A2 hostname=a2 role=* resources=cpus:1}]
> launch f1 1 t1=cpus:1 t2=cpus:1 refuse=1h
  a1 <- RunTasks framework={id=c-F1 name=f1 roles=[*] capabilities=[partition_aware] failover_timeout=1hrs} role=* tasks=[{id=t1 agent_id=c-A1 resources=cpus:1 name=t1} {id=t2 agent_id=c-A1 resources=cpus:1 name=t2}]
> update a1 f1 t1 running
  f1 <- Updates updates=[{task_id=t1 state=running agent_id=c-A1 source=agent update_id=1}]
> update a1 f1 t2 finished
  f1 <- Updates updates=[{task_id=t2 state=finished agent_id=c-A1 source=agent update_id=2}]
  f1 <- Offers offers=[{id=3 agent_id=c-A1 hostname=a1 role=* resources=cpus:3}]
> lose a2
  ! agent_disconnected agent=c-A2 reason="its connection was lost"
  f1 <- RescindOffers offers=[2] reason="agent c-A2 is disconnected"
> pass 1min
  ! agent_lost agent=c-A2 hostname=a2 reason="did not come back within 1mins" tasks=0
  f1 <- AgentLost agent_id=c-A2 reason="did not come back within 1mins"

# About everything: what has not ended.
> reconcile f1
  f1 <- Updates updates=[{task_id=t1 state=running agent_id=c-A1 message="the last known state" source=master reason=reconciliation timestamp=+1mins}]

# About some: a running one, one that ended, and strangers on a living, a lost and no agent.
> reconcile f1 t1 t2 x@a1 x@a2 x
  f1 <- Updates updates=[{task_id=t1 state=running agent_id=c-A1 message="the last known state" source=master reason=reconciliation timestamp=+1mins} {task_id=t2 state=finished agent_id=c-A1 message="the last known state" source=master reason=reconciliation timestamp=+1mins} {task_id=x state=gone agent_id=c-A1 message="no such task on agent c-A1" source=master reason=reconciliation timestamp=+1mins} {task_id=x state=unreachable agent_id=c-A2 message="no such task on agent c-A2" source=master reason=reconciliation timestamp=+1mins} {task_id=x state=unknown message="no such task" source=master reason=reconciliation timestamp=+1mins}]

# A framework that knows no finer words hears "lost".
> framework f2
  ! framework_subscribed framework=c-F2 name=f2
  f2 <- Subscribed framework_id=c-F2 master=(master)
> reconcile f2 x@a1 x@a2 x
  f2 <- Updates updates=[{task_id=x state=lost agent_id=c-A1 message="no such task on agent c-A1" source=master reason=reconciliation timestamp=+1mins} {task_id=x state=lost agent_id=c-A2 message="no such task on agent c-A2" source=master reason=reconciliation timestamp=+1mins} {task_id=x state=lost message="no such task" source=master reason=reconciliation timestamp=+1mins}]
