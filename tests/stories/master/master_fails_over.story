# A master dies and another starts from what it wrote down: agents and frameworks are known before they
# are back, nothing is said of tasks that are yet to be reported, and ids go on in the name of the new epoch.

> agent a1 cpus:4
> agent a2 cpus:4
> framework f1 failover=1h partition_aware
> launch f1 1 t1=cpus:1 refuse=1h
> update a1 f1 t1 running
> restart 2s
> state
> framework f1 id=f1 failover=1h partition_aware
> reconcile f1 t1@a1 t2@a2
> reconcile f1
> back a1 t1
> reconcile f1 t1@a1 t2@a1 t2@a2
> agent a3 cpus:4

# The other agent does not come back.
> pass 10min
> reconcile f1 t2@a2 t2
> state
