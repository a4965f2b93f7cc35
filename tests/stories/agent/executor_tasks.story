# Tasks wait until their executor is there. It is told of what it runs together, says how it goes,
# and is asked to kill.

> connected
  master <- Hello role=agent version=0.1.0 mechanism=none
> welcome
  master <- RegisterAgent agent={hostname=host resources=cpus:8;mem:8192}
> registered c-A1
  ! agent_registered agent=c-A1 master=M
> run f1 t1=cpus:1@e t2=cpus:1@e executor:e=cpus:0.5;mem:64
  launch e: './e' with cpus:0.5;mem:64
> launched e
  update e: cpus:2.5;mem:64
> executor e
  e <- Welcome master=(master)
  ! executor_registered framework=f1 executor=e
  e <- ExecutorRegistered executor={id=e command={value=./e} resources=cpus:0.5;mem:64} framework={id=f1 name=f1} agent={id=c-A1 hostname=host resources=cpus:8;mem:8192}
  e <- LaunchTasks tasks=[{id=t1 executor_id=e resources=cpus:1 name=t1} {id=t2 executor_id=e resources=cpus:1 name=t2}]
> says e t1 running
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t1 state=running agent_id=c-A1 executor_id=e source=executor update_id=1 timestamp=+0ns}}]
  e <- ExecutorAcknowledgements updates=[{agent_id=c-A1 task_id=t1 update_id=1}]
> ack f1 t1
> says e t1 finished
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t1 state=finished agent_id=c-A1 executor_id=e source=executor update_id=2 timestamp=+0ns}}]
  e <- ExecutorAcknowledgements updates=[{agent_id=c-A1 task_id=t1 update_id=2}]
> message f1 e "how are you?"
  e <- ExecutorData data="how are you?"
> kill f1 t2
  e <- KillExecutorTask task_id=t2
> says e t2 killed
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t2 state=killed agent_id=c-A1 executor_id=e source=executor update_id=3 timestamp=+0ns}}]
  e <- ExecutorAcknowledgements updates=[{agent_id=c-A1 task_id=t2 update_id=3}]
> ack f1 t1
> ack f1 t2
> run f1 t3=cpus:2@e
  e <- LaunchTasks tasks=[{id=t3 executor_id=e resources=cpus:2 name=t3}]
> state
  registered
  task t3 staging
