// The server's side of a connection against libFuzzer.
#include "fuzz_main.hpp"

namespace {

// In memory where the system has a folder for that.
struct scratch {
    scratch() {
        namespace fs = std::filesystem;
        std::string form = fs::exists("/dev/shm") ? "/dev/shm/" : "/tmp/";
        form += "fuzz-XXXXXX";
        path = ::mkdtemp(form.data());
    }
    ~scratch() { std::filesystem::remove_all(path); }
    std::filesystem::path path;
};

} // namespace

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
    file_transfer::write_seeds(*count, *arguments,
                               file_transfer::session_seeds());
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
    static const scratch folder;
    static file_transfer::fuzzed_server server(folder.path);
    server.serve(std::as_bytes(std::span(data, size)));
    return 0;
}
