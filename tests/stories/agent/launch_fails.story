# A container that cannot be started: its task has failed, with the reason in words.

> connected
  master <- Hello role=agent version=0.1.0 mechanism=none
> welcome
  master <- RegisterAgent agent={hostname=host resources=cpus:8;mem:8192}
> registered c-A1
  ! agent_registered agent=c-A1 master=M
> run f1 t1=cpus:1
  launch t1: './t1' with cpus:1
> fails t1 "no such user 'alice'"
  ! container_launch_failed container=0000000000000007-1 reason="no such user 'alice'"
  retire the sandbox of t1
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t1 state=failed agent_id=c-A1 message="no such user 'alice'" source=agent reason=container_launch_failed update_id=1 timestamp=+0ns}}]
> run f1 t2=cpus:1@e executor:e=cpus:0.5
  launch e: './e' with cpus:0.5
> fails e "no such file"
  ! container_launch_failed container=0000000000000007-2 reason="no such file"
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t2 state=failed agent_id=c-A1 executor_id=e message="executor 'e' could not be started: no such file" source=agent reason=container_launch_failed update_id=2 timestamp=+0ns}}]
  master <- ExecutorExited framework_id=f1 executor_id=e exit_status=32512 reason="executor 'e' could not be started: no such file"
  ! executor_gone framework=f1 executor=e reason="executor 'e' could not be started: no such file"
  retire the sandbox of e
> ack f1 t1
> ack f1 t2
> state
  registered
