# Two schedulers of one framework: the newer one has it, the older one is told and shut out. The task
# goes on, and is the newer one's to kill.

> agent a1 cpus:4
  ! agent_registered agent=c-A1 hostname=a1 resources=cpus:4
  a1 <- AgentRegistered agent_id=c-A1 master=(master) ping_timeout=75secs
> framework old failover=1h
  ! framework_subscribed framework=c-F1 name=old
  old <- Subscribed framework_id=c-F1 master=(master)
  old <- Offers offers=[{id=1 agent_id=c-A1 hostname=a1 role=* resources=cpus:4}]
> launch old 1 t1=cpus:1 refuse=0s
  a1 <- RunTasks framework={id=c-F1 name=old roles=[*] failover_timeout=1hrs} role=* tasks=[{id=t1 agent_id=c-A1 resources=cpus:1 name=t1}]
  old <- Offers offers=[{id=2 agent_id=c-A1 hostname=a1 role=* resources=cpus:3}]
> framework new id=old failover=1h
  ! framework_failed_over framework=c-F1
  ! framework_resubscribed framework=c-F1 name=new
  old <- FrameworkError message="framework c-F1 has failed over to another scheduler"
  old is cut off
  new <- Subscribed framework_id=c-F1 master=(master) returning=true
  a1 <- RunTasks framework={id=c-F1 name=new roles=[*] failover_timeout=1hrs}
  new <- Offers offers=[{id=3 agent_id=c-A1 hostname=a1 role=* resources=cpus:3}]
> kill new t1
  a1 <- KillAgentTask framework_id=c-F1 task_id=t1
