# A task is asked to end, and after its grace it is destroyed. One that is killed before it runs
# never does.

> connected
  master <- Hello role=agent version=0.1.0 mechanism=none
> welcome
  master <- RegisterAgent agent={hostname=host resources=cpus:8;mem:8192}
> registered c-A1
  ! agent_registered agent=c-A1 master=M
> run f1 t1=cpus:1 t2=cpus:1 killing_state
  launch t1: './t1' with cpus:1
  launch t2: './t2' with cpus:1
> launched t1
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t1 state=running agent_id=c-A1 source=agent update_id=1 timestamp=+0ns}}]
> ack f1 t1
> kill f1 t1 grace=5s
  terminate t1
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t1 state=killing agent_id=c-A1 source=agent reason=task_kill_requested update_id=2 timestamp=+0ns}}]
> ack f1 t1
> pass 5s
  ! container_grace_over container=0000000000000007-1
  destroy t1
> exited t1 9
  retire the sandbox of t1
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t1 state=killed agent_id=c-A1 message="killed on request; killed by signal 9 (SIGKILL)" source=agent reason=task_kill_requested update_id=3 timestamp=+5secs exit_status=9}}]
> kill f1 t2
> launched t2
  destroy t2
> exited t2 9
  retire the sandbox of t2
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t2 state=killed agent_id=c-A1 message="killed while it was being launched" source=agent reason=task_killed_during_launch update_id=4 timestamp=+5secs exit_status=9}}]
> kill f1 t9
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t9 state=dropped agent_id=c-A1 message="the agent does not know this task" source=agent reason=task_unknown timestamp=+5secs}}]
