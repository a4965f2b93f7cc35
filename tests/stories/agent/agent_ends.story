# An agent that is asked to end ends what runs there first, says so, and takes its leave of the
# master.

> connected
  master <- Hello role=agent version=0.1.0 mechanism=none
> welcome
  master <- RegisterAgent agent={hostname=host resources=cpus:8;mem:8192}
> registered c-A1
  ! agent_registered agent=c-A1 master=M
> run f1 t1=cpus:1 t2=cpus:1@e executor:e=cpus:0.5
  launch t1: './t1' with cpus:1
  launch e: './e' with cpus:0.5
> launched t1
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t1 state=running agent_id=c-A1 source=agent update_id=1 timestamp=+0ns}}]
> launched e
  update e: cpus:1.5
> executor e
  e <- Welcome master=(master)
  ! executor_registered framework=f1 executor=e
  e <- ExecutorRegistered executor={id=e command={value=./e} resources=cpus:0.5} framework={id=f1 name=f1} agent={id=c-A1 hostname=host resources=cpus:8;mem:8192}
  e <- LaunchTasks tasks=[{id=t2 executor_id=e resources=cpus:1 name=t2}]
> terminate
  ! agent_ending reason="asked to end"
  e <- ExecutorShutdown grace_period=5secs
  terminate t1
> run f1 t3=cpus:1
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t3 state=dropped agent_id=c-A1 message="the agent is shutting down" source=agent reason=agent_removed update_id=2 timestamp=+0ns}}]
> exited t1 15
  retire the sandbox of t1
> exited e 0
  e is cut off
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t2 state=killed agent_id=c-A1 executor_id=e message="the agent is shutting down" source=agent reason=agent_removed update_id=4 timestamp=+0ns}}]
  master <- ExecutorExited framework_id=f1 executor_id=e reason="the agent is shutting down"
  ! executor_gone framework=f1 executor=e reason="the agent is shutting down"
  retire the sandbox of e
  master <- UnregisterAgent
  finished: asked to end
