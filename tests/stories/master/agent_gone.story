# An operator declares a machine gone: its tasks are gone as somebody knows, or lost for who has no other
# word, and it may never come back, under this master or the next.

> agent a1 cpus:4
  ! agent_registered agent=c-A1 hostname=a1 resources=cpus:4
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
> framework f1 failover=1h partition_aware
  ! framework_subscribed framework=c-F1 name=f1
  f1 <- Subscribed framework_id=c-F1 master=(master)
  f1 <- Offers offers=[{id=1 agent_id=c-A1 hostname=a1 role=* resources=cpus:4}]
> launch f1 1 t1=cpus:1 refuse=1h
  a1 <- RunTasks framework={id=c-F1 name=f1 roles=[*] capabilities=[partition_aware] failover_timeout=1hrs} role=* tasks=[{id=t1 agent_id=c-A1 resources=cpus:1 name=t1}]
> update a1 f1 t1 running
  f1 <- Updates updates=[{task_id=t1 state=running agent_id=c-A1 source=agent update_id=1}]
> service gone a1
  ! agent_gone agent=c-A1
  a1 <- ShutdownAgent reason="an operator declared it gone"
  a1 is cut off
  f1 <- Updates updates=[{task_id=t1 state=gone_by_operator agent_id=c-A1 message="agent c-A1 is gone: an operator declared it gone" source=master reason=agent_removed timestamp=+0ns}]
  f1 <- AgentLost agent_id=c-A1 reason="an operator declared it gone"
  operator <- OperatorAnswer text="agent c-A1 is gone and may not come back"
> reconcile f1 t1@a1
  f1 <- Updates updates=[{task_id=t1 state=gone_by_operator agent_id=c-A1 message="no such task on agent c-A1" source=master reason=reconciliation timestamp=+0ns}]
> back a1 t1
  ! peer_refused peer=4 reason="RegisterAgent: agent: id: agent c-A1 was declared gone and may not come back"
  a1 <- ShutdownAgent reason="agent c-A1 was declared gone and may not come back"
  a1 <- Refused reason="RegisterAgent: agent: id: agent c-A1 was declared gone and may not come back"
  a1 is cut off
> restart 1s
> framework f1 id=f1 failover=1h partition_aware
  ! framework_resubscribed framework=c-F1 name=f1
  f1 <- Subscribed framework_id=c-F1 master=(master) returning=true
> reconcile f1 t1@a1
  f1 <- Updates updates=[{task_id=t1 state=gone_by_operator agent_id=c-A1 message="no such task on agent c-A1" source=master reason=reconciliation timestamp=+1secs}]
> back a1 t1
  ! peer_refused peer=2 reason="RegisterAgent: agent: id: agent c-A1 was declared gone and may not come back"
  a1 <- ShutdownAgent reason="agent c-A1 was declared gone and may not come back"
  a1 <- Refused reason="RegisterAgent: agent: id: agent c-A1 was declared gone and may not come back"
  a1 is cut off
