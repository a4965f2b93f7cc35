# A task without an executor: the agent runs it in a container of its own. Each update waits until
# the one before it is acknowledged; with the acknowledgement of its end the task is forgotten.

> connected
  master <- Hello role=agent version=0.1.0 mechanism=none
> welcome
  master <- RegisterAgent agent={hostname=host resources=cpus:8;mem:8192}
> registered c-A1
  ! agent_registered agent=c-A1 master=M
> run f1 t1=cpus:1;mem:100
  launch t1: './t1' with cpus:1;mem:100
> launched t1
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t1 state=running agent_id=c-A1 source=agent update_id=1 timestamp=+0ns}}]
> exited t1 0
  retire the sandbox of t1
> state
  registered
  task t1 finished
> ack f1 t1
  master <- AgentUpdates updates=[{framework_id=f1 status={task_id=t1 state=finished agent_id=c-A1 message="exited with status 0" source=agent update_id=2 timestamp=+0ns exit_status=0}}]
> ack f1 t1
> state
  registered
