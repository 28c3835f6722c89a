#include "loopback_run.hpp"
#include "measurements.hpp"

#include "chapters/01-blocking-echo/socket/address.hpp"

#include <fmt/format.h>

#include <fstream>
#include <system_error>

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

namespace buffer_size {

namespace {

constexpr std::uint64_t budget = 256 << 20; // of this machine's memory
constexpr std::size_t wanted = 1000;
constexpr std::uint64_t unbounded = 1 << 20; // a guess for "auto"

// Both ends of each connection are descriptors of this process.
std::size_t connections_for(std::uint64_t bytes_each, bool smoke) {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    ::getrlimit(RLIMIT_NOFILE, &limit);
    const auto descriptors =
        static_cast<std::size_t>(limit.rlim_cur - 64) / 2;
    const std::size_t affordable = std::max<std::uint64_t>(
        1, budget / std::max<std::uint64_t>(bytes_each, 1));
    return std::min(
        {smoke ? std::size_t{20} : wanted, descriptors, affordable});
}

struct many_connections {
    asio::io_context context;
    std::vector<tcp::socket> senders, receivers;

    many_connections(std::size_t count, const buffer_sizes& sizes) {
        auto acceptor =
            blocking_echo::listen_on(context, "127.0.0.1", "0");
        ask_for(acceptor, sizes);
        for (std::size_t i = 0; i < count; ++i) {
            tcp::socket sender(context, tcp::v4());
            ask_for(sender, sizes);
            sender.connect(acceptor.local_endpoint());
            senders.push_back(std::move(sender));
            receivers.push_back(acceptor.accept());
        }
    }

    ~many_connections() { // resets: thousands of TIME_WAITs would stay
        for (auto& sender : senders) {
            boost::system::error_code ignored;
            sender.set_option(asio::socket_base::linger(true, 0),
                              ignored);
            sender.close(ignored);
        }
    }
    many_connections(const many_connections&) = delete;
    many_connections& operator=(const many_connections&) = delete;

    //! [stall]
    // Sends on every connection until the kernel takes no more; nobody
    // reads.
    void stall() {
        const contents data(64 << 10);
        for (auto& sender : senders) {
            sender.non_blocking(true);
            account done;
            boost::system::error_code error;
            while (!error)
                done.bytes += sender.write_some(
                    data.from(done.bytes, data.buffer_size()), error);
            if (error != asio::error::would_block)
                throw std::system_error(error, "send");
        }
    }
    //! [stall]

    measure::counters kernel_row() const {
        std::uint64_t at_senders = 0, at_receivers = 0;
        for (std::size_t i = 0; i < senders.size(); ++i) {
            at_senders += kernel_memory_of(
                const_cast<tcp::socket&>(senders[i]).native_handle());
            at_receivers += kernel_memory_of(
                const_cast<tcp::socket&>(receivers[i]).native_handle());
        }
        const double each = 1024.0 * double(senders.size());
        return {{"kernel_kib", double(at_senders + at_receivers) / each},
                {"sender_kernel_kib", double(at_senders) / each},
                {"receiver_kernel_kib", double(at_receivers) / each}};
    }
};

double resident_bytes() {
    std::ifstream in("/proc/self/statm");
    double pages = 0;
    in >> pages >> pages; // the second number
    return pages * double(::sysconf(_SC_PAGESIZE));
}

// What all of the kernel's small objects take, the sockets' structures
// among them: of the whole system, so that others disturb it.
double kernel_object_bytes() {
    std::ifstream in("/proc/meminfo");
    std::string name;
    double kib = 0;
    while (in >> name >> kib && name != "SUnreclaim:")
        in.ignore(80, '\n');
    return kib * 1024;
}

using memory = std::unique_ptr<std::byte[]>;

measure::counters row(std::uint64_t size, std::size_t connections,
                      double resident, const many_connections& all) {
    measure::counters counters{
        {"resident_kib", resident / 1024 / double(connections)},
        {"size_bytes", double(size)},
        {"connections", double(connections)}};
    for (const auto& [name, value] : all.kernel_row())
        counters.emplace_back(name, value);
    return counters;
}

// A buffer of the application's for each connection, which waits.
measure::counters idle_application(std::size_t size, bool zeroed,
                                   bool smoke) {
    const std::size_t count = connections_for(size, smoke);
    const many_connections all(count, {});
    ::malloc_trim(0); // what earlier runs gave back is the system's again
    const double before = resident_bytes();
    std::vector<memory> buffers(count);
    for (memory& buffer : buffers)
        buffer = zeroed
                     ? std::make_unique<std::byte[]>(size)
                     : std::make_unique_for_overwrite<std::byte[]>(size);
    return row(size, count, resident_bytes() - before, all);
}

measure::counters sockets(std::optional<std::uint64_t> size, bool stalled,
                          bool smoke) {
    const std::uint64_t each = stalled ? 4 * size.value_or(unbounded) : 1;
    const std::size_t count = connections_for(each, smoke);
    const double before = resident_bytes();
    const double objects = kernel_object_bytes();
    many_connections all(count, {.send = size, .receive = size});
    const double of_sockets = kernel_object_bytes() - objects;
    if (stalled)
        all.stall();
    auto counters =
        row(size.value_or(0), count, resident_bytes() - before, all);
    counters.emplace_back("kernel_objects_kib",
                          of_sockets / 1024 / double(count));
    return counters;
}

measure::finding decide_wastes(const measure::results& measured) {
    const auto of = [&](const char* name, const char* counter) {
        return measured.median_of(std::string("memory/") + name, counter);
    };
    if (measured.of("memory/stalled/256K", "kernel_kib").empty() ||
        measured.of("memory/idle_sockets/4M", "kernel_kib").empty() ||
        measured.of("memory/application/64K", "resident_kib").empty())
        return {"not measured", measure::verdict::inconclusive};
    const double application = of("application/64K", "resident_kib");
    const double idle = of("idle_sockets/4M", "kernel_kib");
    const double stalled = of("stalled/256K", "kernel_kib");
    double objects = 0; // most: memory that is used again does not show
    for (const char* size : {"4K", "64K", "4M", "auto"})
        for (const double kib :
             measured.of(std::string("memory/idle_sockets/") + size,
                         "kernel_objects_kib"))
            objects = std::max(objects, kib);
    // KiB are counted, and not timed.
    const auto in_all = [&](const char* name, const char* counter,
                            double limit) {
        const auto kib =
            measured.of(std::string("memory/") + name, counter);
        return measure::in_every_run(
            static_cast<std::size_t>(std::ranges::count_if(
                kib, [&](double each) { return each > limit; })),
            kib.size());
    };
    return {fmt::format(
                "1,000 idle connections with 64 KiB of the application's "
                "each: {:.0f} MiB; with socket buffers of 4 MiB, idle: "
                "{:.0f} MiB, and {:.0f} MiB of the kernel's own objects; "
                "with 256 KiB, stalled: {:.0f} MiB",
                application * 1000 / 1024, idle * 1000 / 1024,
                objects * 1000 / 1024, stalled * 1000 / 1024),
            measure::decided_by(
                {in_all("application/64K", "resident_kib", 32),
                 in_all("idle_sockets/4M", "kernel_kib", 64)}),
            fmt::format("{:.0f} MiB for 1,000 stalled clients",
                        stalled * 1000 / 1024)};
}

} // namespace

void measure_memory(measure::experiment& experiment) {
    const auto add = [&](const std::string& name, auto body) {
        experiment.measure("memory/" + name, 3, body);
    };
    for (const std::size_t size :
         {4u << 10, 16u << 10, 64u << 10, 256u << 10, 1u << 20}) {
        add("application/" + short_size(size), [size](bool smoke) {
            return idle_application(size, true, smoke);
        });
        add("untouched/" + short_size(size), [size](bool smoke) {
            return idle_application(size, false, smoke);
        });
    }
    using optional_size = std::optional<std::uint64_t>;
    const auto add_sockets = [&](optional_size size, bool stalled) {
        add(fmt::format("{}/{}", stalled ? "stalled" : "idle_sockets",
                        size ? short_size(*size) : "auto"),
            [=](bool smoke) { return sockets(size, stalled, smoke); });
    };
    for (const optional_size size :
         {optional_size{4 << 10}, optional_size{64 << 10},
          optional_size{4 << 20}, optional_size{}})
        add_sockets(size, false);
    for (const optional_size size :
         {optional_size{4 << 10}, optional_size{16 << 10},
          optional_size{64 << 10}, optional_size{256 << 10},
          optional_size{}})
        add_sockets(size, true);
    experiment.decide({"too-large-wastes-memory",
                       "Too large a buffer wastes memory", "2.1",
                       decide_wastes});
}

} // namespace buffer_size
