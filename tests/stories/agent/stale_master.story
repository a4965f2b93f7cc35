# A master of the past, of whose end the agent knows, is not followed. Epochs of another cluster do
# not compare.

> connected
  master <- Hello role=agent version=0.1.0 mechanism=none
> welcome epoch=2
  master <- RegisterAgent agent={hostname=host resources=cpus:8;mem:8192}
> registered c-A1
  ! agent_registered agent=c-A1 master=M
> disconnected
  ! master_disconnected
> connected
  master <- Hello role=agent version=0.1.0 mechanism=none
> welcome epoch=1
  ! master_stale master=M epoch=1
> pass 2s
  ! master_given_up reason="it refused us a while ago"
  reconnect
> connected
  master <- Hello role=agent version=0.1.0 mechanism=none
> welcome epoch=3
> pass 10s
  master <- RegisterAgent agent={id=c-A1 hostname=host resources=cpus:8;mem:8192}
  master <- RegisterAgent agent={id=c-A1 hostname=host resources=cpus:8;mem:8192}
  master <- RegisterAgent agent={id=c-A1 hostname=host resources=cpus:8;mem:8192}
> registered c-A1
  ! agent_registered agent=c-A1 master=M
