#include "mesolite/module/module.hpp"

#include "my_isolator.hpp"

MESOLITE_MODULE(Isolator, "my-isolator", "1.0.0", "Gives every container an environment variable.",
                MyIsolator, MyParameters, "Your Name <you@example.org>")
