# An executor has a time to register; then it is destroyed and its tasks have failed.

> agent executor_registration_timeout=30s
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
> pass 29s
> pass 1s
  destroy e
> exited e 9
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t1 state=failed agent_id=c-A1 executor_id=e message="executor 'e' did not register within 30secs" source=agent reason=executor_registration_timeout update_id=1 timestamp=+30secs}}]
  master <- ExecutorExited framework_id=f1 executor_id=e exit_status=9 reason="executor 'e' did not register within 30secs"
  ! executor_gone framework=f1 executor=e reason="executor 'e' did not register within 30secs"
  retire the sandbox of e
