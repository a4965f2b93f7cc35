# An executor that ends leaves tasks behind: they have failed, and the master is told of both. One
# that is named after its end, by a master that did not know yet, is not started anew.

> connected
  master <- Hello role=agent version=0.1.0 mechanism=none
> welcome
  master <- RegisterAgent agent={hostname=host resources=cpus:8;mem:8192}
> registered c-A1
  ! agent_registered agent=c-A1 master=M
> run f1 t1=cpus:1@e t2=cpus:1@e executor:e=cpus:0.5
  launch e: './e' with cpus:0.5
> launched e
  update e: cpus:2.5
> executor e
  e <- Welcome master=(master)
  ! executor_registered framework=f1 executor=e
  e <- ExecutorRegistered executor={id=e command={value=./e} resources=cpus:0.5} framework={id=f1 name=f1} agent={id=c-A1 hostname=host resources=cpus:8;mem:8192}
  e <- LaunchTasks tasks=[{id=t1 executor_id=e resources=cpus:1 name=t1} {id=t2 executor_id=e resources=cpus:1 name=t2}]
> says e t1 running
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t1 state=running agent_id=c-A1 executor_id=e source=executor update_id=1 timestamp=+0ns}}]
  e <- ExecutorAcknowledgements updates=[{agent_id=c-A1 task_id=t1 update_id=1}]
> ack f1 t1
> exited e 9
  e is cut off
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t1 state=failed agent_id=c-A1 executor_id=e message="executor 'e' killed by signal 9 (SIGKILL)" source=agent reason=executor_terminated update_id=1 timestamp=+0ns}} {framework_id=f1 status={task_id=t2 state=failed agent_id=c-A1 executor_id=e message="executor 'e' killed by signal 9 (SIGKILL)" source=agent reason=executor_terminated update_id=2 timestamp=+0ns}}]
  master <- ExecutorExited framework_id=f1 executor_id=e exit_status=9 reason="executor 'e' killed by signal 9 (SIGKILL)"
  ! executor_gone framework=f1 executor=e reason="executor 'e' killed by signal 9 (SIGKILL)"
  retire the sandbox of e
> run f1 t3=cpus:1@e
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t3 state=dropped agent_id=c-A1 executor_id=e message="executor 'e' does not run here any more" source=agent reason=executor_terminated update_id=3 timestamp=+0ns}}]
> ack f1 t1
> ack f1 t2
> ack f1 t3
> state
  registered
