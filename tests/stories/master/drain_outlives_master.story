# A drain goes on under the next master, with what is left of its deadline; what ignores it is killed
# without any grace when that has come.

> agent a1 cpus:4
> framework f1 failover=1h
> launch f1 1 t1=cpus:1 refuse=0s
> update a1 f1 t1 running
> drain a1 within=10min
> pass 4min
> restart 1min
> framework f1 id=f1 failover=1h
> back a1 t1
> pass 5min
> update a1 f1 t1 killed
> state
