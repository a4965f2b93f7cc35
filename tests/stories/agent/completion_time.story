# A task that may run for so long only.

> connected
  master <- Hello role=agent version=0.1.0 mechanism=none
> welcome
  master <- RegisterAgent agent={hostname=host resources=cpus:8;mem:8192}
> registered c-A1
  ! agent_registered agent=c-A1 master=M
> run f1 t1=cpus:1 finish_within=20s
  launch t1: './t1' with cpus:1
> launched t1
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t1 state=running agent_id=c-A1 source=agent update_id=1 timestamp=+0ns}}]
> pass 20s
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t1 state=running agent_id=c-A1 source=agent update_id=1 timestamp=+0ns}}]
  terminate t1
> exited t1 15
  retire the sandbox of t1
> ack f1 t1
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t1 state=failed agent_id=c-A1 message="its maximal completion time was reached; killed by signal 15 (SIGTERM)" source=agent reason=max_completion_time_reached update_id=2 timestamp=+20secs exit_status=15}}]
> ack f1 t1
