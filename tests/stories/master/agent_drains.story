# An operator drains an agent: what is offered of it comes back, its tasks are killed with the time that is
# left, and it is drained when their ends have been acknowledged.

> agent a1 cpus:4
> framework f1 failover=1h
> launch f1 1 t1=cpus:1 refuse=0s
> update a1 f1 t1 running
> drain a1 within=10min
> state
> update a1 f1 t1 killed
> ack f1 a1 t1 2
> state

# Nothing of it is offered until it is put into service again.
> pass 1h
> service on a1
> state
