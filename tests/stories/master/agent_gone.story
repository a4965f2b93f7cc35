# An operator declares a machine gone: its tasks are gone as somebody knows, or lost for who has no other
# word, and it may never come back, under this master or the next.

> agent a1 cpus:4
> framework f1 failover=1h partition_aware
> launch f1 1 t1=cpus:1 refuse=1h
> update a1 f1 t1 running
> service gone a1
> reconcile f1 t1@a1
> back a1 t1
> restart 1s
> framework f1 id=f1 failover=1h partition_aware
> reconcile f1 t1@a1
> back a1 t1
