# The end of a framework: its executors are asked to end, its tasks too, and nobody hears of it.

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
> shutdown_framework f1
  ! framework_shut_down framework=f1
  e <- ExecutorShutdown grace_period=5secs
  terminate t1
> run f1 t3=cpus:1
> exited e 0
  e is cut off
  ! executor_gone framework=f1 executor=e reason="its framework was removed"
  retire the sandbox of e
> exited t1 15
  retire the sandbox of t1
> state
  registered
