#include "mesolite/module/module.hpp"

#include "gpu_nvidia.hpp"

MESOLITE_MODULE(
    Isolator, "gpu/nvidia", "1.0.0",
    "Hands out whole NVIDIA GPUs: their device files, and the variables that name them.",
    mesolite::gpu_nvidia::GpuNvidiaIsolator, mesolite::gpu_nvidia::Parameters)
