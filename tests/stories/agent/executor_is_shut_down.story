# One executor is asked to end; if it does not, it is destroyed. What it left behind was killed.

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
> shutdown_executor f1 e
  e <- ExecutorShutdown grace_period=5secs
> pass 5s
  ! container_grace_over container=0000000000000007-1
  destroy e
> exited e 9
  e is cut off
  master <- ExecutorExited framework_id=f1 executor_id=e exit_status=9 reason="executor 'e' was shut down on request"
  ! executor_gone framework=f1 executor=e reason="executor 'e' was shut down on request"
  retire the sandbox of e
> ack f1 t1
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t1 state=killed agent_id=c-A1 executor_id=e message="executor 'e' was shut down on request" source=agent reason=executor_terminated update_id=1 timestamp=+5secs}}]
> ack f1 t1
> state
  registered
