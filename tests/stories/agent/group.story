# Tasks of a group live and die together.

> connected
  master <- Hello role=agent version=0.1.0 mechanism=none
> welcome
  master <- RegisterAgent agent={hostname=host resources=cpus:8;mem:8192}
> registered c-A1
  ! agent_registered agent=c-A1 master=M
> run f1 t1=cpus:1 t2=cpus:1 t3=cpus:1 group
  launch t1: './t1' with cpus:1
  launch t2: './t2' with cpus:1
  launch t3: './t3' with cpus:1
> launched t1
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t1 state=running agent_id=c-A1 source=agent update_id=1 timestamp=+0ns}}]
> launched t2
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t2 state=running agent_id=c-A1 source=agent update_id=2 timestamp=+0ns}}]
> launched t3
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t3 state=running agent_id=c-A1 source=agent update_id=3 timestamp=+0ns}}]
> exited t2 256
  terminate t1
  terminate t3
  retire the sandbox of t2
> exited t1 15
  retire the sandbox of t1
> exited t3 15
  retire the sandbox of t3
