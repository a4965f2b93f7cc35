# The executor's connection breaks and it comes back: what was on its way to it when the connection
# broke is lost, the rest goes on.

> connected
  master <- Hello role=agent version=0.1.0 mechanism=none
> welcome
  master <- RegisterAgent agent={hostname=host resources=cpus:8;mem:8192}
> registered c-A1
  ! agent_registered agent=c-A1 master=M
> run f1 t1=cpus:1@e executor:e=cpus:0.5
  launch e: './e' with cpus:0.5
> launched e
  update e: cpus:1.5
> executor e
  e <- Welcome master=(master)
  ! executor_registered framework=f1 executor=e
  e <- ExecutorRegistered executor={id=e command={value=./e} resources=cpus:0.5} framework={id=f1 name=f1} agent={id=c-A1 hostname=host resources=cpus:8;mem:8192}
  e <- LaunchTasks tasks=[{id=t1 executor_id=e resources=cpus:1 name=t1}]
> says e t1 running
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t1 state=running agent_id=c-A1 executor_id=e source=executor update_id=1 timestamp=+0ns}}]
  e <- ExecutorAcknowledgements updates=[{agent_id=c-A1 task_id=t1 update_id=1}]
> run f1 t2=cpus:1@e
  update e: cpus:2.5
  e <- LaunchTasks tasks=[{id=t2 executor_id=e resources=cpus:1 name=t2}]
> lost e
  ! executor_disconnected framework=f1 executor=e
> executor e
  e <- Welcome master=(master)
  ! executor_registered framework=f1 executor=e
  e <- ExecutorRegistered executor={id=e command={value=./e} resources=cpus:0.5} framework={id=f1 name=f1} agent={id=c-A1 hostname=host resources=cpus:8;mem:8192} returning=true
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t2 state=dropped agent_id=c-A1 executor_id=e message="the task was lost on its way to executor 'e'" source=agent reason=executor_terminated update_id=1 timestamp=+0ns}}]
> state
  registered
  task t1 running
  task t2 dropped
