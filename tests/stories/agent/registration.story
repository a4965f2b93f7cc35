# An agent greets its master, registers, and from then on expects to be pinged. When the master is
# silent for too long it makes a new connection, and tries again and again.

> connected
  master <- Hello role=agent version=0.1.0 mechanism=none
> welcome
  master <- RegisterAgent agent={hostname=host resources=cpus:8;mem:8192}
> registered c-A1 ping=10s
  ! agent_registered agent=c-A1 master=M
> ping
  master <- Pong sequence=1
> pass 9s
> pass 2s
  ! master_given_up reason="no ping for too long"
  reconnect
> connected
  master <- Hello role=agent version=0.1.0 mechanism=none
> welcome
> pass 20s
  master <- RegisterAgent agent={id=c-A1 hostname=host resources=cpus:8;mem:8192}
  master <- RegisterAgent agent={id=c-A1 hostname=host resources=cpus:8;mem:8192}
  master <- RegisterAgent agent={id=c-A1 hostname=host resources=cpus:8;mem:8192}
  master <- RegisterAgent agent={id=c-A1 hostname=host resources=cpus:8;mem:8192}
  master <- RegisterAgent agent={id=c-A1 hostname=host resources=cpus:8;mem:8192}
> registered c-A1 ping=10s
  ! agent_registered agent=c-A1 master=M
> state
  registered
