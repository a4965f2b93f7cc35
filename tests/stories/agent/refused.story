# A master that refuses the agent is left alone for a while; what comes from it meanwhile is not
# listened to.

> connected
  master <- Hello role=agent version=0.1.0 mechanism=none
> refused "there are 100000 agents already"
  ! master_refused reason="there are 100000 agents already"
> run f1 t1=cpus:1
  ! message_early message=RunTasks
> pass 2s
  ! master_given_up reason="it refused us a while ago"
  reconnect
> connected
  master <- Hello role=agent version=0.1.0 mechanism=none
> welcome
  master <- RegisterAgent agent={hostname=host resources=cpus:8;mem:8192}
> registered c-A1
  ! agent_registered agent=c-A1 master=M
