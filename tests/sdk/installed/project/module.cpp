#include "mesolite/module/module.hpp"

#include "stranger.hpp"

MESOLITE_MODULE(Authenticator, "stranger", "1.0.0", "Lets everybody in but one", Stranger,
                StrangerParameters)
