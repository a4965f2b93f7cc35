# An agent whose connection stands but that answers no pings is lost after the fifth.

> master agent_ping_timeout=10s
> agent a1 cpus:4
  ! agent_registered agent=c-A1 hostname=a1 resources=cpus:4
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=50secs
> framework f1 failover=1h
  ! framework_subscribed framework=c-F1 name=f1
  f1 <- Subscribed framework_id=c-F1 master=(master)
  f1 <- Offers offers=[{id=1 agent_id=c-A1 hostname=a1 role=* resources=cpus:4}]
> launch f1 1 t1=cpus:1 refuse=1h
  a1 <- RunTasks framework={id=c-F1 name=f1 roles=[*] failover_timeout=1hrs} role=* tasks=[{id=t1 agent_id=c-A1 resources=cpus:1 name=t1}]
> mute a1
> pass 59s
> pass 1s
  ! agent_disconnected agent=c-A1 reason="missed 5 pings in a row"
  ! agent_lost agent=c-A1 hostname=a1 reason="missed 5 pings in a row" tasks=1
  a1 is cut off
  f1 <- Updates updates=[{task_id=t1 state=lost agent_id=c-A1 message="agent c-A1 is lost: missed 5 pings in a row" source=master reason=agent_removed timestamp=+1mins}]
  f1 <- AgentLost agent_id=c-A1 reason="missed 5 pings in a row"
