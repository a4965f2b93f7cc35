# What is not acknowledged is said again, each time after a longer pause; while there is no master,
# the newest state waits and goes out with the next registration.

> agent update_retry_min=10s update_retry_max=30s
> connected
  master <- Hello role=agent version=0.1.0 mechanism=none
> welcome
  master <- RegisterAgent agent={hostname=host resources=cpus:8;mem:8192}
> registered c-A1 ping=10min
  ! agent_registered agent=c-A1 master=M
> run f1 t1=cpus:1
  launch t1: './t1' with cpus:1
> launched t1
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t1 state=running agent_id=c-A1 source=agent update_id=1 timestamp=+0ns}}]
> pass 10s
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t1 state=running agent_id=c-A1 source=agent update_id=1 timestamp=+0ns}}]
> pass 20s
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t1 state=running agent_id=c-A1 source=agent update_id=1 timestamp=+0ns}}]
> pass 30s
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t1 state=running agent_id=c-A1 source=agent update_id=1 timestamp=+0ns}}]
> pass 30s
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t1 state=running agent_id=c-A1 source=agent update_id=1 timestamp=+0ns}}]
> disconnected
  ! master_disconnected
> exited t1 256
  retire the sandbox of t1
> pass 1min
> connected
  master <- Hello role=agent version=0.1.0 mechanism=none
> welcome epoch=2
> pass 10s
  master <- RegisterAgent agent={id=c-A1 hostname=host resources=cpus:8;mem:8192} tasks=[{framework_id=f1 launch={id=t1 resources=cpus:1 name=t1} role=ops state=failed}] frameworks=[{id=f1 name=f1}]
  master <- RegisterAgent agent={id=c-A1 hostname=host resources=cpus:8;mem:8192} tasks=[{framework_id=f1 launch={id=t1 resources=cpus:1 name=t1} role=ops state=failed}] frameworks=[{id=f1 name=f1}]
  master <- RegisterAgent agent={id=c-A1 hostname=host resources=cpus:8;mem:8192} tasks=[{framework_id=f1 launch={id=t1 resources=cpus:1 name=t1} role=ops state=failed}] frameworks=[{id=f1 name=f1}]
  master <- RegisterAgent agent={id=c-A1 hostname=host resources=cpus:8;mem:8192} tasks=[{framework_id=f1 launch={id=t1 resources=cpus:1 name=t1} role=ops state=failed}] frameworks=[{id=f1 name=f1}]
> registered c-A1 ping=10min
  ! agent_registered agent=c-A1 master=M
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t1 state=running agent_id=c-A1 source=agent update_id=1 timestamp=+0ns} latest_state=failed}]
> ack f1 t1
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t1 state=failed agent_id=c-A1 message="exited with status 1" source=agent reason=command_executor_failed update_id=2 timestamp=+90secs exit_status=256}}]
> ack f1 t1
> state
  registered
