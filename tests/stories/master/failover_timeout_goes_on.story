# A scheduler that is away when its master dies has as long as it had, not longer: its failover_timeout
# goes on under the next master, and when it is over all that runs for it ends.

> agent a1 cpus:4
> framework f1 failover=1h
> launch f1 1 t1=cpus:1 refuse=1h
> update a1 f1 t1 running
> lose f1
> pass 50min
> restart 2s
> back a1 t1
> pass 9min
> state
> pass 1min
> update a1 f1 t1 killed
> state

# Its id is spent, under this master and the next.
> framework f1 id=f1 failover=1h
> restart 1s
> framework f1 id=f1 failover=1h
